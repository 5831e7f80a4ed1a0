/**
 * A node's list in the order of the merge, where the node had another. Merging takes the first hit of each list for the
 * best it has left.
 */
import { splitAnswer, type AnswerList } from "./answer-list.ts";
import { readHits, type Hit } from "./hit-cursor.ts";
import type { MergeStrategy } from "./merge-strategy.ts";

/** The list itself where it is in order, or not what the engine writes, which the merge will find. */
export function inOrder<Key>(list: AnswerList, { readKey, compare }: MergeStrategy<Key>): AnswerList {
  const ranked: { readonly hit: Hit; readonly key: Key }[] = [];
  for (const [position, hit] of (readHits(list) ?? []).entries()) {
    const key = readKey(hit, position);
    if (key === null) return list;
    ranked.push({ hit, key });
  }
  if (ranked.every(({ key }, i) => i === 0 || compare(ranked[i - 1]!.key, key) <= 0)) return list;
  const texts = ranked.toSorted((a, b) => compare(a.key, b.key)).map(({ hit }) => textOf(hit));
  return splitAnswer(`{"hits":[${texts.join(",")}],"query":""}`, "hits", "query") ?? list;
}

function textOf({ text, bounds }: Hit): string {
  return bounds.length === 0 ? "{}" : `{${text.slice(bounds[0], bounds.at(-1))}}`;
}
