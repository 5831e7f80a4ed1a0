/** Sends the same requests to one node and to Miroir and counts how the answers compare. */
import type { NodeAnswer } from "../support/nodes.ts";
import { askWhole } from "./ask-whole.ts";
import { compare } from "./compare.ts";
import { createJudge, type Excuses } from "./create-judge.ts";
import { createFacts, type Facts } from "./index-facts.ts";
import type { DifferentialRequest } from "./request.ts";
import { tenantHeaders } from "./tenant.ts";
import { type Comparison, type Verdict, VERDICTS } from "./verdict.ts";
import type { Target } from "./witness.ts";
import type { World } from "./world.ts";

export type Counts = Record<Verdict, number>;

export interface FirstDifference {
  readonly request: DifferentialRequest;
  readonly difference: string;
  readonly verdict: Verdict;
  /** Of a generated run: which settings of which seed. */
  readonly seed?: number;
  readonly settings?: number;
}

export interface DifferentialReport extends Counts {
  readonly requests: number;
  readonly first_differences: readonly FirstDifference[];
}

export interface RunOptions {
  /** How many differences are kept for the report. */
  readonly differencesMax?: number;
  readonly keepGoing?: boolean;
  readonly onDone?: (done: number) => void;
}

const DIFFERENCES_MAX = 20;
const AT_ONCE = 4;

export async function runDifferential(
  world: World,
  requests: readonly DifferentialRequest[],
  options: RunOptions = {},
): Promise<DifferentialReport> {
  const facts = createFacts(world);
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Counts;
  const unequal: (FirstDifference & { readonly position: number })[] = [];
  let next = 0;
  let stopped = false;
  const work = async (): Promise<void> => {
    while (next < requests.length && !stopped) {
      const position = next;
      next += 1;
      const request = requests[position] as DifferentialRequest;
      const { verdict, difference } = await compareOne(world, facts, request);
      counts[verdict] += 1;
      if (!SILENT.has(verdict)) unequal.push({ request, difference, verdict, position });
      if (verdict === "different" && options.keepGoing === false) stopped = true;
      options.onDone?.(position + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const rank = (verdict: Verdict): number => -VERDICTS.indexOf(verdict);
  unequal.sort((a, b) => rank(a.verdict) - rank(b.verdict) || a.position - b.position);
  const first = unequal.slice(0, options.differencesMax ?? DIFFERENCES_MAX);
  return {
    requests: VERDICTS.reduce((sum, verdict) => sum + counts[verdict], 0),
    ...counts,
    first_differences: first.map(({ position: _position, ...kept }) => kept),
  };
}

const SILENT: ReadonlySet<Verdict> = new Set(["equal", "errors_equal"]);

export function addReports(
  reports: readonly DifferentialReport[],
  differencesMax = DIFFERENCES_MAX,
): DifferentialReport {
  const counts = Object.fromEntries(
    VERDICTS.map((verdict) => [verdict, reports.reduce((sum, report) => sum + report[verdict], 0)]),
  ) as Counts;
  const first = reports.flatMap(({ first_differences }) => first_differences);
  first.sort((a, b) => VERDICTS.indexOf(b.verdict) - VERDICTS.indexOf(a.verdict));
  return {
    requests: reports.reduce((sum, report) => sum + report.requests, 0),
    ...counts,
    first_differences: first.slice(0, differencesMax),
  };
}

async function compareOne(
  world: World,
  facts: Facts,
  request: DifferentialRequest,
  excuses: Excuses = true,
): Promise<Comparison> {
  const send = async (target: Target): Promise<NodeAnswer> => {
    const { method, path, body, headers = {}, searchRules } = request;
    const tenant = searchRules === undefined ? {} : await tenantHeaders(target, searchRules);
    return askWhole(target, method, path, body, { ...headers, ...tenant });
  };
  const [single, miroir] = await Promise.all([send(world.single), send(world.miroir)]);
  // What one group answers as the single node does, another may not.
  const again = async (other: DifferentialRequest, excused: Excuses): Promise<Comparison> => {
    let found = await compareOne(world, facts, other, excused);
    for (let turn = 1; turn < world.turns && found.verdict === "equal"; turn += 1) {
      found = await compareOne(world, facts, other, excused);
    }
    return found;
  };
  return compare(single, miroir, createJudge({ world, facts, request, compareOne: again, excuses }));
}
