/** Sends the same requests to one node and to Miroir and counts how the answers compare. */
import { nodeRequest } from "../support/nodes.ts";
import { compare, type Judge } from "./compare.ts";
import { canonical, member, parseExact, type Exact } from "./exact-json.ts";
import { LOOKS_LIKE_NUMBER, type FacetFacts } from "./judge-facets.ts";
import { judgeDocuments } from "./judge-documents.ts";
import { judgeSearch } from "./judge-search.ts";
import { indexOf, type DifferentialRequest } from "./request.ts";
import { searchBody } from "./search-body.ts";
import { type Comparison, type Verdict, VERDICTS } from "./verdict.ts";
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
  const send = (target: Target): ReturnType<typeof nodeRequest> =>
    nodeRequest(target, request.method, request.path, request.body, request.headers);
  const [single, miroir] = await Promise.all([send(world.single), send(world.miroir)]);
  const searched: Judge["search"] = async (left, right, position) => {
    const queried = searchBody(request, position);
    if (queried === null) return { verdict: "different", difference: "the request cannot be asked again" };
    const index = queried.index ?? indexOf(request) ?? "";
    const { ids, mixed, settings } = await facts.of(index);
    return judgeSearch({
      left,
      right,
      body: queried.body,
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
  return compare(single, miroir, { search: searched, documents });
}

function facetFacts(settings: Settings, mixed: ReadonlySet<string>): FacetFacts {
  const orders = settings["faceting"]?.["sortFacetValuesBy"] ?? {};
  return {
    byCount: (field) => (orders[field] ?? orders["*"]) === "count",
    mixed: (field) => mixed.has(field),
  };
}

// oxlint-disable-next-line typescript/no-explicit-any
type Settings = Readonly<Record<string, any>>;

interface IndexFacts {
  readonly ids: readonly string[];
  readonly mixed: ReadonlySet<string>;
  readonly settings: Settings;
}

interface Facts {
  of(index: string): Promise<IndexFacts>;
}

/** Read from the single node when first needed. */
function createFacts(world: World): Facts {
  const known = new Map<string, Promise<IndexFacts>>();
  return {
    of(index) {
      const facts = known.get(index) ?? readFacts(world.single, index);
      known.set(index, facts);
      return facts;
    },
  };
}

const PAGE = 1_000;

async function readFacts(single: Target, index: string): Promise<IndexFacts> {
  const settings = (await nodeRequest(single, "GET", `/indexes/${index}/settings`)).body as Settings;
  const ids: string[] = [];
  const kinds = new Map<string, Set<"number" | "numeric text">>();
  for (let offset = 0; ; offset += PAGE) {
    const page = await nodeRequest(single, "GET", `/indexes/${index}/documents?limit=${PAGE}&offset=${offset}`);
    const results = member(parseExact(page.text), "results");
    if (results?.kind !== "array" || results.items.length === 0) break;
    for (const document of results.items) {
      ids.push(canonical(member(document, "id") ?? { kind: "plain", value: null }, () => false).replaceAll('"', ""));
      collectKinds(document, "", kinds);
    }
  }
  return { ids, mixed: new Set([...kinds].filter(([, of]) => of.size === 2).map(([field]) => field)), settings };
}

function collectKinds(value: Exact, path: string, into: Map<string, Set<"number" | "numeric text">>): void {
  if (value.kind === "array") for (const item of value.items) collectKinds(item, path, into);
  else if (value.kind === "object") {
    for (const [key, item] of value.members) collectKinds(item, path === "" ? key : `${path}.${key}`, into);
  } else if (value.kind !== "plain") {
    const known = into.get(path) ?? new Set();
    into.set(path, known);
    if (value.kind === "number") known.add("number");
    else if (LOOKS_LIKE_NUMBER.test(value.value.trim())) known.add("numeric text");
  }
}
