/** The lists of a hybrid search with a distinct attribute, with nothing passed over where nodes would pass over too much. */
import type { GatherDeps } from "./gather-parts.ts";
import type { Side } from "./hybrid-sides.ts";
import { askWhole, hidesBlankTexts, holdsSeveral } from "./whole-lists.ts";

/** Changes the lists of hits, and nothing else; what cannot be had leaves them. */
export async function showAll(
  deps: GatherDeps,
  indexUid: string,
  { plan, gathered }: Side,
  signal: AbortSignal,
): Promise<void> {
  const { distinct } = plan.merge;
  const { answers } = gathered;
  if (distinct === null || !distinct.filterable) return;
  if (!holdsSeveral(answers, distinct) && !hidesBlankTexts(answers, distinct)) return;
  const whole = await askWhole(deps, { indexUid, plan, answers }, signal);
  if (whole === null) return;
  gathered.answers = answers.map((part, i) => ({ ...part, answer: { ...part.answer, hits: whole.lists[i]! } }));
}
