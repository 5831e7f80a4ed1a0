/**
 * Pinned documents stand outside of what a distinct attribute does: the engine shows and counts them whatever values
 * they share with others. What is counted by value leaves some of them out.
 */
import { countsValues, type MergeSpec } from "./merge-spec.ts";
import { createDistinctFilter, facetValues } from "./distinct.ts";
import type { DistinctTally } from "./distinct-tally.ts";
import type { PinnedHit } from "./pinned-hits.ts";

export interface PinsUncounted {
  readonly pins: readonly PinnedHit[];
  readonly spec: MergeSpec;
  readonly tally: DistinctTally;
}

/** How many of them the questions of `distinct-counts.ts` do not reach. */
export function pinsUncounted({ pins, spec, tally }: PinsUncounted): number {
  const { distinct, facets } = spec;
  if (distinct === null) return 0;
  const keys = tally.shares.map(({ values }) => new Set(values.map(({ key }) => key)));
  const inPages = countsValues(spec);
  if (!tally.full && facets === null && inPages) return newValues(pins, distinct.field, keys);
  if (!tally.full && facets === null) return pins.length;
  // There the nodes have listed the values of all that they have.
  if (tally.full && facets === null && inPages) return 0;
  return pins.filter(({ hit, answer }) => {
    const values = facetValues(hit, distinct.field);
    // Where facets are counted each node is asked for what it has kept itself, and its own pins come with it.
    return keys.some((kept, at) => (facets === null || at !== answer) && values.some(({ key }) => kept.has(key)));
  }).length;
}

/** In page mode every value counts once, those of pinned documents included. */
function newValues(pins: readonly PinnedHit[], field: string, keys: readonly ReadonlySet<string>[]): number {
  const own = createDistinctFilter(field);
  const isNew = ({ hit }: PinnedHit): boolean =>
    !facetValues(hit, field).some(({ key }) => keys.some((kept) => kept.has(key)));
  return pins.filter((pin) => isNew(pin) && own.admits(pin.hit)).length;
}
