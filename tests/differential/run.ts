/** Sends the same requests to one node and to Miroir and counts how the answers compare. */
import { nodeRequest, type NodeAnswer } from "../support/nodes.ts";
import { compare, type Comparison, type Verdict } from "./compare.ts";
import type { GeneratedRequest } from "./requests.ts";

export interface Target {
  readonly url: string;
  readonly masterKey: string;
}

export interface DifferentialReport {
  readonly requests: number;
  readonly equal: number;
  readonly equal_up_to_ties: number;
  readonly engine_local: number;
  readonly different: number;
  readonly errors_equal: number;
  readonly first_differences: readonly {
    readonly request: GeneratedRequest;
    readonly difference: string;
    readonly verdict: Verdict;
  }[];
}

/** How many hits beyond the client's window are read to see whether documents tie across its end. */
const TIE_WINDOW = 200;
const DIFFERENCES_MAX = 10;

export async function runDifferential(
  single: Target,
  miroir: Target,
  requests: readonly GeneratedRequest[],
): Promise<DifferentialReport> {
  const counts: Record<Verdict, number> = {
    equal: 0,
    errors_equal: 0,
    equal_up_to_ties: 0,
    engine_local: 0,
    different: 0,
  };
  const first: DifferentialReport["first_differences"][number][] = [];
  for (const request of requests) {
    const { verdict, difference } = await compareOne(single, miroir, request);
    counts[verdict] += 1;
    const interesting = verdict === "different" || verdict === "engine_local";
    if (interesting && first.length < DIFFERENCES_MAX) first.push({ request, difference, verdict });
  }
  return { requests: requests.length, ...counts, first_differences: first };
}

async function compareOne(single: Target, miroir: Target, request: GeneratedRequest): Promise<Comparison> {
  const send = (target: Target, body: unknown): Promise<NodeAnswer> =>
    nodeRequest(target, request.method, request.path, body);
  const [left, right] = await Promise.all([send(single, request.body), send(miroir, request.body)]);
  return compare(left, right, async () => {
    const wide = withDetails(request.body ?? {});
    const [wideLeft, wideRight] = await Promise.all([send(single, wide), send(miroir, wide)]);
    return { single: wideLeft, miroir: wideRight };
  });
}

/** The same search from its first hit to beyond its window, with the id and the raw details of every hit. */
function withDetails(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { page, hitsPerPage, offset, limit, attributesToRetrieve: _all, ...rest } = body;
  const paged = page !== undefined || hitsPerPage !== undefined;
  const end = paged ? Number(page ?? 1) * Number(hitsPerPage ?? 20) : Number(offset ?? 0) + Number(limit ?? 20);
  return { ...rest, offset: 0, limit: end + TIE_WINDOW, showRankingScoreDetails: true };
}
