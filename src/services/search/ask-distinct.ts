/** Asks the nodes that have answered a search with a distinct attribute what else it needs. */
import { readNodeAnswer, type NodeAnswer } from "../../core/merge/node-answer.ts";
import { partFilter, type SearchPlan } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";

export interface DistinctSearch {
  readonly indexUid: string;
  readonly plan: SearchPlan;
  readonly answers: readonly PartAnswer<NodeAnswer>[];
  /** Gets the positions of answers whose nodes could not be asked further. */
  readonly lost?: Set<number>;
}

export type Body = Readonly<Record<string, unknown>>;

/** The search as the nodes got it, without its paging. */
export function baseOf(plan: SearchPlan): Body {
  const base = JSON.parse(plan.query.base) as Record<string, unknown>;
  for (const name of ["offset", "limit", "page", "hitsPerPage"]) delete base[name];
  return base;
}

export interface Question {
  readonly answer: number;
  readonly filters: readonly string[];
  readonly body: Body;
}

/** All or nothing: null when a node did not answer. */
export async function ask(
  deps: GatherDeps,
  { indexUid, plan, answers, lost }: DistinctSearch,
  questions: readonly Question[],
  signal: AbortSignal,
): Promise<readonly NodeAnswer[] | null> {
  const { query } = plan;
  const calls = questions.map(({ answer, filters, body }) => {
    const { nodeId, shards } = answers[answer]!;
    const filter = partFilter(query, shards, filters);
    return {
      client: deps.fleet.client(nodeId),
      request: {
        method: "POST" as const,
        path: `/indexes/${indexUid}/search`,
        body: JSON.stringify({ ...body, filter }),
        operation: "search.distinct",
        timeoutMs: deps.policy.nodeTimeoutMs,
        repeat: "safe" as const,
      },
    };
  });
  const outcomes = await scatter(calls, signal);
  const read = outcomes.map((outcome) => (outcome.kind === "answered" ? readNodeAnswer(outcome.text) : null));
  // What a node refuses it would refuse again, and so would others.
  for (const [i, { answer }] of questions.entries()) {
    if (read[i] === null && outcomes[i]!.kind !== "refused") lost?.add(answer);
  }
  return read.every((answer) => answer !== null) ? read : null;
}
