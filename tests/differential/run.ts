/** Sends the same requests to one node and to Miroir and counts how the answers compare. */
import { andFilters } from "../../src/core/filters/and-filters.ts";
import { nodeRequest } from "../support/nodes.ts";
import { compare, firstDifference, type Judge } from "./compare.ts";
import { createFacts, type Facts, type Settings } from "./index-facts.ts";
import type { FacetFacts } from "./judge-facets.ts";
import { judgeFederated } from "./judge-federated.ts";
import { judgeDocuments } from "./judge-documents.ts";
import { judgeSearch } from "./judge-search.ts";
import { indexOf, type DifferentialRequest } from "./request.ts";
import { searchBody } from "./search-body.ts";
import { type Comparison, type Verdict, VERDICTS } from "./verdict.ts";
import { tenantHeaders } from "./tenant.ts";
import { createWitness, type Target } from "./witness.ts";
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

async function compareOne(world: World, facts: Facts, request: DifferentialRequest): Promise<Comparison> {
  const send = async (target: Target): ReturnType<typeof nodeRequest> => {
    const { method, path, body, headers = {}, searchRules } = request;
    const tenant = searchRules === undefined ? {} : await tenantHeaders(target, searchRules);
    return nodeRequest(target, method, path, body, { ...headers, ...tenant });
  };
  const [single, miroir] = await Promise.all([send(world.single), send(world.miroir)]);
  const searched: Judge["search"] = async (left, right, position) => {
    const queried = searchBody(request, position);
    if (queried === null) return { verdict: "different", difference: "the request cannot be asked again" };
    const { queries, federation } = queried.body as { queries?: FederatedQueries; federation?: Settings };
    if (position === null && queries !== undefined) {
      const difference = firstDifference(left, right);
      return judgeFederated({ queries, federation: federation ?? {} }, difference, (part) =>
        compareOne(world, facts, { ...part, ...tenantOf(request) }),
      );
    }
    const index = queried.index ?? indexOf(request);
    if (index === undefined) return { verdict: "different", difference: firstDifference(left, right) };
    const { ids, mixed, settings } = await facts.of(index);
    return judgeSearch({
      left,
      right,
      body: withTenant(queried.body, index, request),
      witness: createWitness({
        index,
        single: world.single,
        miroir: world.miroir,
        nodes: world.living(),
        ids,
        maxTotalHits: Number(settings["pagination"]?.["maxTotalHits"] ?? 1_000),
      }),
      facets: facetFacts(settings, mixed),
      usesDistinct: Boolean(queried.body["distinct"] ?? settings["distinctAttribute"]),
    });
  };
  const documents: Judge["documents"] = (left, right) => judgeDocuments({ left, right, request, world });
  const compared = await compare(single, miroir, { search: searched, documents });
  if (compared.verdict !== "different" && compared.verdict !== "engine_local") return compared;
  const unseen = await namesUnseen(world, facts, request);
  return unseen ? { ...compared, verdict: "unseen_field" } : compared;
}

type FederatedQueries = readonly Readonly<Record<string, unknown>>[];

function tenantOf({ searchRules }: DifferentialRequest): Pick<DifferentialRequest, "searchRules"> {
  return searchRules === undefined ? {} : { searchRules };
}

/** What is asked again is asked without a token, so what the token forces is said in the search. */
function withTenant(
  body: Readonly<Record<string, unknown>>,
  index: string,
  { searchRules = {} }: DifferentialRequest,
): Readonly<Record<string, unknown>> {
  const rule = Object.entries(searchRules).find(([pattern]) => index.startsWith(pattern.replace("*", "")))?.[1];
  if (rule === null || rule === undefined) return body;
  const filter = andFilters(body["filter"] ?? undefined, [rule.filter]);
  return filter === undefined ? body : { ...body, filter };
}

/** Does a filter or a list of facets name a field that some node has never had in a document? */
async function namesUnseen(world: World, facts: Facts, request: DifferentialRequest): Promise<boolean> {
  const bodies = [0, 1, 2, null].flatMap((position) => searchBody(request, position) ?? []);
  const index = bodies.find((queried) => queried.index !== undefined)?.index ?? indexOf(request);
  const named = JSON.stringify(bodies.map(({ body }) => [body["filter"] ?? "", body["facets"] ?? ""]));
  if (index === undefined || (await nodeRequest(world.single, "GET", `/indexes/${index}`)).status !== 200) return false;
  const { unseen } = await facts.of(index);
  return unseen.some((field) => named.includes(field));
}

function facetFacts(settings: Settings, mixed: ReadonlySet<string>): FacetFacts {
  const orders = settings["faceting"]?.["sortFacetValuesBy"] ?? {};
  return {
    valuesMax: Number(settings["faceting"]?.["maxValuesPerFacet"] ?? 100),
    byCount: (field) => (orders[field] ?? orders["*"]) === "count",
    mixed: (field) => mixed.has(field),
  };
}
