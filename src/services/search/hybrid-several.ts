/**
 * A node keeps of documents that share a value the first, and passes over the others. Where documents have several values,
 * another node's may make the first redundant, and not those behind it. And where a request names the attribute, of texts
 * that are blank a node shows one, although others have taken places in its list (`second-look.ts`). So the lists of a
 * hybrid search are asked for once more then, with nothing passed over; what counts is left to the merge.
 */
import { noDistinct } from "../../core/merge/distinct-counts.ts";
import { facetValues, isBlankText } from "../../core/merge/distinct.ts";
import { readHits, type Hit } from "../../core/merge/hit-cursor.ts";
import { pageWindow } from "../../core/merge/merge-spec.ts";
import { readNodeAnswer } from "../../core/merge/node-answer.ts";
import { partFilter } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps } from "./gather-parts.ts";
import type { Side } from "./hybrid-sides.ts";

/** Changes the lists of hits, and nothing else; what cannot be had leaves them. */
export async function showAll(
  deps: GatherDeps,
  indexUid: string,
  { plan, gathered }: Side,
  signal: AbortSignal,
): Promise<void> {
  const { distinct, paging, maxTotalHits } = plan.merge;
  if (distinct === null || !distinct.filterable) return;
  const { field } = distinct;
  const hides = (hit: Hit): boolean => {
    const values = facetValues(hit, field);
    return values.length > 1 || (distinct.requested && values.some(isBlankText));
  };
  if (!gathered.answers.some(({ answer }) => (readHits(answer.hits) ?? []).some(hides))) return;
  const { facets: _facets, page: _page, hitsPerPage: _hits, ...base } = JSON.parse(plan.query.base) as Body;
  const limit = Math.min(FACTOR * pageWindow(paging, maxTotalHits).to + LISTED_MIN, maxTotalHits);
  const calls = gathered.answers.map(({ nodeId, shards }) => ({
    client: deps.fleet.client(nodeId),
    request: {
      method: "POST" as const,
      path: `/indexes/${indexUid}/search`,
      body: JSON.stringify({
        ...base,
        distinct: noDistinct(field),
        offset: 0,
        limit,
        filter: partFilter(plan.query, shards),
      }),
      operation: "search.hybrid.several",
      timeoutMs: deps.policy.nodeTimeoutMs,
      repeat: "safe" as const,
    },
  }));
  const outcomes = await scatter(calls, signal);
  const read = outcomes.map((outcome) => (outcome.kind === "answered" ? readNodeAnswer(outcome.text) : null));
  if (!read.every((answer) => answer !== null)) return;
  gathered.answers = gathered.answers.map((part, i) => ({ ...part, answer: { ...part.answer, hits: read[i]!.hits } }));
}

type Body = Readonly<Record<string, unknown>>;

/** Many of them will be passed over. */
const FACTOR = 4;
const LISTED_MIN = 100;
