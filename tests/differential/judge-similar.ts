/** Lists of similar documents that are not equal: how deep nodes look, and by what first. */
import { sortsBeforeVector } from "../../src/core/search/vector-place.ts";
import { different } from "./compare.ts";
import { maxTotalHitsOf, type IndexFacts } from "./index-facts.ts";
import { answersAlike } from "./judge-distinct.ts";
import { withoutBlank } from "./lost-documents.ts";
import type { Comparison } from "./verdict.ts";

type Body = Readonly<Record<string, unknown>>;

/**
 * A node gives as many similar documents as it is asked for, but finds by a vector only as many as can be paged; where a
 * field decides in front of nearness, these are the first by that field.
 */
export async function judgeSimilar(
  body: Body,
  known: IndexFacts,
  difference: string,
  compare: (body: Body) => Promise<Comparison>,
): Promise<Comparison> {
  const { offset = 0, limit = 20 } = body;
  const { ids, settings } = known;
  const depth = maxTotalHitsOf(settings);
  if (Number(offset) + Number(limit) >= depth) {
    // But for the place that the document itself takes, as far as can be paged both have to give the same.
    const { verdict } = await compare({ ...body, offset: 0, limit: depth - 1 });
    return answersAlike({ verdict, difference }) ? { verdict: "similar_depth", difference } : { verdict, difference };
  }
  const apart = withoutBlank(body, known);
  if (apart !== null && answersAlike(await compare(apart))) return { verdict: "facet_lost", difference };
  const behindSort = (sortsBeforeVector({ settings }, []) ?? 1) > 0 && ids.length > depth;
  return behindSort ? { verdict: "similar_sorted", difference } : different(difference);
}
