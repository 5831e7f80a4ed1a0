/**
 * What a merge with a distinct attribute has to remember beyond its page: which values the kept documents have and
 * which nodes they came from, and where a node's list said too little to go on. The engine's totals and facets follow
 * from it (`distinct-counts.ts`).
 */
import type { AnswerList } from "./answer-list.ts";
import type { DistinctValue, DistinctVerdict } from "./distinct.ts";

export interface DistinctTally {
  /** Is the page full? Then there may be documents that were not looked at. */
  readonly full: boolean;
  /** Documents kept, those behind the page that tie with its last one included. */
  readonly kept: number;
  readonly shares: readonly DistinctShare[];
  /** Does a document have several values? */
  readonly several: boolean;
  /** Lists that have to be asked on before anything else can be said; null: none. */
  readonly open: DistinctOpening | null;
}

/** What a search has kept of some shards, and which values nobody else has kept then. */
export interface DistinctKept {
  readonly field: string;
  /** Is the page full? */
  readonly full: boolean;
  /** Values besides those of the parts of which no document counts. */
  readonly gone?: readonly DistinctValue[];
  readonly parts: readonly (Pick<DistinctShare, "values" | "valued"> & { readonly shards: readonly number[] })[];
}

/** What was kept and not kept from one answer. */
export interface DistinctShare {
  /** The values of the kept documents. */
  readonly values: readonly DistinctValue[];
  /** Kept documents that have a value. */
  readonly valued: number;
  /** The values of each of these. */
  readonly each: readonly (readonly DistinctValue[])[];
  readonly rejected: number;
  /** Did the merge reach the end of a list that may go on at its node? */
  readonly cut: boolean;
}

export interface DistinctOpening {
  /** By answer: how many hits of its current list have been used. */
  readonly used: readonly number[];
  /** Which answers have to be asked on. */
  readonly answers: readonly number[];
}

/** Where lists go on after an opening: with those documents that share no value with any that was kept so far. */
export interface DistinctSegment {
  readonly used: readonly number[];
  /** By answer; null: its list goes on as it was. */
  readonly lists: readonly (AnswerList | null)[];
  /** How many hits each node was asked for. */
  readonly asked: number;
  /** Do the lists hold documents that share a value? Then nothing is hidden behind one that is passed over. */
  readonly whole: boolean;
}

export interface TallyKeeper {
  note(answer: number, verdict: DistinctVerdict): void;
  cut(answer: number): void;
  share(answer: number): DistinctShare;
  end(full: boolean, open: DistinctOpening | null): DistinctTally;
}

export function createTally(answers: number): TallyKeeper {
  const shares = Array.from({ length: answers }, () => ({
    values: [] as DistinctValue[],
    valued: 0,
    each: [] as (readonly DistinctValue[])[],
    rejected: 0,
    cut: false,
  }));
  let kept = 0;
  let several = false;
  return {
    note(answer, { admitted, values }) {
      const share = shares[answer]!;
      several ||= values.length > 1;
      if (!admitted) share.rejected += 1;
      else {
        kept += 1;
        if (values.length === 0) return;
        share.valued += 1;
        share.each.push(values);
        share.values.push(...values);
      }
    },
    cut(answer) {
      shares[answer]!.cut = true;
    },
    share: (answer) => shares[answer]!,
    end: (full, open) => ({ full, kept, shares, several, open }),
  };
}
