/** The lists of a hybrid search with a distinct attribute, with nothing passed over where nodes would pass over too much. */
import type { Hit } from "../../core/merge/hit-cursor.ts";
import { readRankKey } from "../../core/merge/rank-key.ts";
import { isSemantic } from "../../core/merge/score-details.ts";
import type { GatherDeps } from "./gather-parts.ts";
import type { Side } from "./hybrid-sides.ts";
import { askWhole, hidesBlankTexts, holdsSeveral, isCutShort } from "./whole-lists.ts";

export interface ShownSide {
  readonly indexUid: string;
  readonly side: Side;
  /** Is it the list by meaning, and do fields decide in front of it, so that nodes print hits by words between its own? */
  readonly mixed: boolean;
}

/** Changes the lists of hits, and nothing else; what cannot be had leaves them. */
export async function showAll(
  deps: GatherDeps,
  { indexUid, side: { plan, gathered }, mixed }: ShownSide,
  signal: AbortSignal,
): Promise<void> {
  const { distinct } = plan.merge;
  const { answers } = gathered;
  if (distinct === null || !distinct.filterable) return;
  const search = { indexUid, plan, answers };
  const counts = (hit: Hit): boolean => !mixed || isNear(hit);
  const isShort = mixed && isCutShort(search, counts);
  if (!isShort && !holdsSeveral(answers, distinct) && !hidesBlankTexts(answers, distinct)) return;
  const whole = await askWhole(deps, search, signal, counts);
  if (whole === null) return;
  gathered.answers = answers.map((part, i) => ({ ...part, answer: { ...part.answer, hits: whole.lists[i]! } }));
}

function isNear(hit: Hit): boolean {
  const rank = readRankKey(hit);
  return rank !== null && isSemantic(rank);
}
