/**
 * Rendezvous over names: each key goes to the name with the highest score, so that everybody who knows the same names
 * chooses alike without asking, and a name that comes or goes moves only what is its own.
 */
import { hashText } from "./hash.ts";

/** undefined when there is no name. */
export function ownerOf(key: string, names: readonly string[]): string | undefined {
  let owner: string | undefined;
  let best = -1n;
  for (const name of names) {
    const score = hashText(`${name}\n${key}`);
    if (score < best || (score === best && owner !== undefined && name > owner)) continue;
    owner = name;
    best = score;
  }
  return owner;
}
