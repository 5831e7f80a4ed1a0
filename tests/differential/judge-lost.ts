/**
 * After updates and deletions the engine's facet trees lose documents and whole values, on the single node and on
 * Miroir's nodes in other places. What a tree has lost a filter on the value still finds, which is the proof.
 */
import { canonical, items, member, type Exact } from "./exact-json.ts";

export type Pairs = readonly (readonly [string, number])[];

/** How many documents of the same search a filter finds with this value, on the single node. */
export type Truth = (field: string, value: string) => Promise<number>;

/**
 * `lost`: a list lacks documents that a filter finds. `moved`: it does not, but a list that is `full` shows other values
 * at its end. null: a count is higher than what a filter finds, or a value is missing though there is room for it.
 */
export async function explainedByLoss(
  field: string,
  left: Pairs,
  right: Pairs,
  { full, truth }: { readonly full: boolean; readonly truth: Truth },
): Promise<"lost" | "moved" | null> {
  const [single, miroir] = [new Map(left), new Map(right)];
  let lost = 0;
  let moved = 0;
  for (const value of new Set([...single.keys(), ...miroir.keys()])) {
    const [a, b] = [single.get(value), miroir.get(value)];
    if (a === b) continue;
    const found = await truth(field, value);
    if ((a ?? b)! > found || (b ?? a)! > found) return null;
    const absent = a === undefined || b === undefined;
    if (full && absent && (a ?? b) === found && value.trim() !== "") moved += 1;
    else lost += 1;
  }
  return lost > 0 ? "lost" : moved > 0 ? "moved" : null;
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
