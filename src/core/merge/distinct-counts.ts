/**
 * Which questions give the engine's totals and facets under a distinct attribute. The engine takes away from what it
 * counts every document that shares a value with one it has kept, and then adds those kept. Both can be asked for by
 * value, without naming a document: among the documents of one shard that have the kept values, and none of those that
 * other shards kept, its own distinct rule keeps exactly the same ones again.
 */
import { MARKER_PREFIX } from "../markers/fields.ts";
import { holdsOneOf } from "./distinct-condition.ts";
import type { DistinctValue } from "./distinct.ts";
import type { DistinctTally } from "./distinct-tally.ts";
import { countsValues, type DistinctSpec, type Paging } from "./merge-spec.ts";
import { countRepeats } from "./repeated-values.ts";

/** One search of a node; its `total` and facets are added to those of the others. */
export interface DistinctQuestion {
  readonly answer: number;
  /** Filters, all of which a document has to meet. */
  readonly filters: readonly string[];
  /** How far the node has to go; 0: it counts without keeping. */
  readonly limit: number;
  /** Are repeated values counted once, those included that the node does not go as far as? */
  readonly counted: boolean;
  /** Does the score threshold hold? */
  readonly threshold: boolean;
}

export interface DistinctPlan {
  /** What is added to the totals of the questions, or is the total if there are none. */
  readonly total: number | null;
  /** null: the nodes' first answers are what is to be counted. */
  readonly questions: readonly DistinctQuestion[] | null;
}

export interface DistinctPlanInput {
  readonly tally: DistinctTally;
  readonly distinct: DistinctSpec;
  readonly paging: Paging;
  readonly facets: boolean;
  /** The hits that were asked for from each node. */
  readonly depth: number;
  /** The most that a node lists; at least one. */
  readonly listedMax: number;
  /** By answer: the values that the node counted and others may have counted as well; null: not known. */
  readonly counted: readonly (readonly DistinctValue[] | null)[];
  /** By answer: what the node counted. */
  readonly totals: readonly number[];
  /**
   * Have nodes counted documents that they list nowhere? Where `words` is not the first ranking rule there are some that have
   * the words and that no rule finds.
   */
  readonly unlisted: boolean;
  /** Are there texts without any character, of which nodes have shown and counted their first alone? */
  readonly blank: boolean;
  /** Does everything behind a full page count whatever its score, while a node would go on for want of hits? */
  readonly anyScore: boolean;
}

export function planDistinct(input: DistinctPlanInput): DistinctPlan {
  const { tally, facets, unlisted, blank, anyScore } = input;
  const exhaustive = countsValues(input);
  if (!tally.full) {
    // Everything has been looked at, so what was kept is what there is.
    if (tally.shares.some(({ cut }) => cut)) return { total: null, questions: null };
    if (facets) return { total: null, questions: keptOnly(input) };
    if (!unlisted) return { total: tally.kept, questions: null };
    const wanted = { limit: input.depth, threshold: true };
    return { total: valuedOf(tally), questions: remaining(input, exhaustive).map((one) => ({ ...one, ...wanted })) };
  }
  // Every value is counted once, and the nodes have listed their values.
  if (exhaustive && !facets && !tally.several && !blank && !anyScore)
    return { total: withoutRepeats(input), questions: null };
  const questions = [...remaining(input, exhaustive), ...(facets ? keptBehind(input) : [])];
  return { total: facets ? null : valuedOf(tally), questions };
}

function valuedOf({ shares }: DistinctTally): number {
  return shares.reduce((sum, share) => sum + share.valued, 0);
}

/** null: a node has not listed its values. */
function withoutRepeats({ counted, totals }: DistinctPlanInput): number | null {
  if (!counted.every((values) => values !== null)) return null;
  return totals.reduce((sum, total) => sum + total, 0) - countRepeats(counted);
}

/** Documents that share no value with one that was kept; those kept without a value are among them. */
function remaining({ tally, distinct, counted, anyScore }: DistinctPlanInput, exhaustive: boolean): DistinctQuestion[] {
  const kept = tally.shares.flatMap(({ values }) => values);
  const known = new Map<string, DistinctValue>();
  const listed = (): string[] => (known.size > VALUES_MAX ? [] : withoutValues(distinct.field, [...known.values()]));
  return tally.shares.map((_, answer) => {
    const filters = withoutValues(distinct.field, kept);
    if (exhaustive) {
      // A value that several nodes have is counted at the first of them.
      filters.push(...listed());
      for (const value of counted[answer] ?? []) known.set(value.key, value);
    }
    return { answer, filters, limit: 0, counted: exhaustive, threshold: exhaustive && !(tally.full && anyScore) };
  });
}

/** The kept documents that have a value: no more at once than a node goes through. */
function keptBehind({ tally, distinct, listedMax }: DistinctPlanInput): DistinctQuestion[] {
  return tally.shares.flatMap(({ each }, answer) => {
    const elsewhere = others(tally, answer);
    const questions: DistinctQuestion[] = [];
    for (let from = 0; from < each.length; from += listedMax) {
      const own = each.slice(from, from + listedMax);
      const besides = [...each.slice(0, from), ...each.slice(from + listedMax)].flat();
      const filters = [
        holdsOneOf(distinct.field, own.flat()),
        ...withoutValues(distinct.field, [...elsewhere, ...besides]),
      ];
      questions.push({ answer, filters, limit: own.length, counted: false, threshold: true });
    }
    return questions;
  });
}

function keptOnly({ tally, distinct, depth, unlisted }: DistinctPlanInput): DistinctQuestion[] | null {
  if (!unlisted && tally.shares.every(({ rejected }) => rejected === 0)) return null;
  return tally.shares.map((_, answer) => ({
    answer,
    filters: withoutValues(distinct.field, others(tally, answer)),
    limit: depth,
    counted: false,
    threshold: true,
  }));
}

/** The values that were kept from all answers but one. */
function others(tally: DistinctTally, answer: number): readonly DistinctValue[] {
  return tally.shares.flatMap(({ values }, other) => (other === answer ? [] : values));
}

/**
 * A distinct attribute that no document has. The engine takes it where `field` is filterable with all below it, and then
 * tells no documents apart, whatever the settings say.
 */
export function noDistinct(field: string): string {
  return `${field}.${MARKER_PREFIX}none`;
}

/** Documents that share none of these values. */
export function withoutValues(field: string, values: readonly DistinctValue[]): string[] {
  return values.length === 0 ? [] : [`NOT ${holdsOneOf(field, values)}`];
}

/** Above so many values of other nodes a filter costs more than the few that are counted twice are worth. */
const VALUES_MAX = 2000;
