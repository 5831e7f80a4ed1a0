/**
 * The engine tells documents apart twice where a request names the attribute: by the values that its index knows, and then
 * those hits by what they hold. Only texts without any character make a difference: the index knows none of them, so that
 * each takes a place in the list, and of these and of texts of blanks the first alone is shown in the end.
 */
import { createDistinctFilter, facetValues, isBlankText } from "./distinct.ts";
import type { Hit } from "./hit-cursor.ts";

export interface SecondLook<Found> {
  readonly shown: readonly Found[];
  /** They count as little as they are shown. */
  readonly rejected: readonly Found[];
}

/** `list`: from the first hit of all, each value that is known once. */
export function lookTwice<Found extends { readonly hit: Hit }>(
  list: readonly Found[],
  field: string,
): SecondLook<Found> {
  const filter = createDistinctFilter(field);
  const shown: Found[] = [];
  const rejected: Found[] = [];
  for (const one of list) (filter.admits(one.hit) ? shown : rejected).push(one);
  return { shown, rejected };
}

interface FoundAtNode {
  readonly hit: Hit;
  /** Which answer it stood in. */
  readonly answer: number;
}

/**
 * What of the rejected its own node has counted, if it has looked twice at what it has kept: of these texts each node has
 * counted its first.
 */
export function countedByNodes<Found extends FoundAtNode>(list: readonly Found[], field: string): readonly Found[] {
  const { shown, rejected } = lookTwice(list, field);
  const isBlank = ({ hit }: Found): boolean => facetValues(hit, field).some(isBlankText);
  const seen = new Set(shown.filter(isBlank).map(({ answer }) => answer));
  return rejected.filter(({ answer }) => {
    if (seen.has(answer)) return false;
    seen.add(answer);
    return true;
  });
}
