/**
 * After updates and deletions the engine's facet trees lose documents and whole values, on the single node and on
 * Miroir's nodes in other places. What a tree has lost a filter on the value still finds, which is the proof.
 */
import { canonical, items, member, type Exact } from "./exact-json.ts";

export type Pairs = readonly (readonly [string, number])[];

/** How many documents of the same search a filter finds with this value, on the single node. */
export type Truth = (field: string, value: string) => Promise<number>;

/** `full`: is at least one of the lists cut, so that what one lost brings in another value at its end? */
export async function explainedByLoss(
  field: string,
  left: Pairs,
  right: Pairs,
  { full, truth }: { readonly full: boolean; readonly truth: Truth },
): Promise<boolean> {
  const [single, miroir] = [new Map(left), new Map(right)];
  let lost = 0;
  for (const value of new Set([...single.keys(), ...miroir.keys()])) {
    const [a, b] = [single.get(value), miroir.get(value)];
    if (a === b) continue;
    const found = await truth(field, value);
    if ((a ?? b)! > found || (b ?? a)! > found) return false;
    const moved = full && (a === undefined ? b : b === undefined ? a : -1) === found;
    if (!moved) lost += 1;
    else if (a === undefined || b === undefined) lost += value.trim() === "" ? 1 : 0;
  }
  return lost > 0 || full;
}

export function facetHits(answer: Exact): Pairs {
  return items(member(answer, "facetHits")).map((hit) => {
    const value = member(hit, "value");
    return [
      value?.kind === "string" ? value.value : "",
      Number(canonical(member(hit, "count") ?? { kind: "plain", value: null }, () => false)),
    ];
  });
}
