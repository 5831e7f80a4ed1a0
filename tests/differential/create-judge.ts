/** Judges the unequal answers of one request: what is asked again, of whom, and which listed difference may explain them. */
import { andFilters } from "../../src/core/filters/and-filters.ts";
import { sortsBeforeRelevancy } from "../../src/core/search/vector-place.ts";
import { indexView } from "../../src/core/search/index-view.ts";
import { frequencyWords } from "../../src/core/search/frequency-plan.ts";
import { readSearchRequest } from "../../src/core/search/search-request.ts";
import { nodeRequest } from "../support/nodes.ts";
import { different, firstDifference, normal, type Judge } from "./compare.ts";
import { without } from "./exact-json.ts";
import { facetFacts, truthOf, valuesMaxOf } from "./facet-facts.ts";
import { maxTotalHitsOf, type Facts, type IndexFacts } from "./index-facts.ts";
import { answersAlike, explainedByDistinct } from "./judge-distinct.ts";
import { judgeDocuments } from "./judge-documents.ts";
import type { FacetFacts } from "./judge-facets.ts";
import { judgeFederatedFacets } from "./judge-federated-facets.ts";
import { judgeFederated } from "./judge-federated.ts";
import { judgedOtherwise, type IndexDocuments } from "./judged-otherwise.ts";
import { dropsOtherWords } from "./judge-frequency.ts";
import { explainedByLoss, facetHits } from "./judge-lost.ts";
import { explainedByPins } from "./judge-pins.ts";
import { missesNearest } from "./judge-recall.ts";
import { judgeSearch } from "./judge-search.ts";
import { judgeSimilar } from "./judge-similar.ts";
import { compares, comparisonsIn, lostDocuments, withoutBlank, withoutDocuments } from "./lost-documents.ts";
import {
  endsBeforePage,
  federationEndsBeforePage,
  queryEndsBeforePage,
  type ThresholdQuestion,
} from "./judge-threshold.ts";
import { indexOf, type DifferentialRequest } from "./request.ts";
import { searchBody } from "./search-body.ts";
import { sharesOf } from "./shares.ts";
import type { Comparison, Verdict } from "./verdict.ts";
import { createWitness, type Target } from "./witness.ts";
import type { World } from "./world.ts";

export interface JudgeInput {
  readonly world: World;
  readonly facts: Facts;
  readonly request: DifferentialRequest;
  readonly compareOne: (request: DifferentialRequest, excuses: Excuses) => Promise<Comparison>;
  readonly excuses: Excuses;
}

/**
 * May a distinct attribute, or the order of dropped words, explain a difference? `ordinary`: what is odd about values of
 * the attribute has been left out already.
 */
export type Excuses = boolean | "ordinary";

type Body = Readonly<Record<string, unknown>>;
type Excuse = { readonly verdict: Verdict; readonly reason: string } | null;

export function createJudge({ world, facts, request, compareOne, excuses }: JudgeInput): Judge {
  const compareSearch =
    (index: string, allowed: Excuses = false) =>
    (body: Body): Promise<Comparison> =>
      compareOne({ method: "POST", path: `/indexes/${index}/search`, body }, allowed);
  const named = async (index: string, body: Body, known: IndexFacts): Promise<Excuse> => {
    const compare = compareSearch(index);
    const apart = withoutBlank(body, known);
    if (apart !== null && answersAlike(await compare(apart))) {
      return { verdict: "facet_lost", reason: "a comparison of blank texts" };
    }
    if (compares(body["filter"])) {
      const lost = await lostDocuments({ index, filter: body["filter"], single: world.single, nodes: world.living() });
      const rest = { ...body, filter: withoutDocuments(body["filter"], lost) };
      if (lost.length > 0 && answersAlike(await compare(rest))) {
        return { verdict: "facet_lost", reason: `a comparison that has lost ${lost.slice(0, 3).join(", ")}` };
      }
    }
    if (!leavesFrequency(body, known)) return null;
    if (!answersAlike(await compare({ ...body, matchingStrategy: "all" }))) return null;
    const drops = await dropsOtherWords({ index, body, single: world.single, nodes: world.living() });
    return drops ? { verdict: "frequency_local", reason: "a node drops other words" } : null;
  };
  /** Do nodes drop other words of this query, and is the federation the same with all of them? */
  const dropsOthers = async (queries: readonly Body[], federation: Body, at: number): Promise<boolean> => {
    const all = queries.map((query, i) => (i === at ? { ...query, matchingStrategy: "all" } : query));
    const asked = { method: "POST", path: "/multi-search", body: { queries: all, federation } };
    if (!answersAlike(await compareOne(asked, false))) return false;
    const index = String(queries[at]!["indexUid"]);
    return dropsOtherWords({ index, body: queries[at]!, single: world.single, nodes: world.living() });
  };
  const excuse = async (index: string, body: Body, known: IndexFacts, sameHits: boolean): Promise<Excuse> => {
    const field = distinctOf(body, known);
    const maxTotalHits = maxTotalHitsOf(known.settings);
    const pinned = { index, body, single: world.single, maxTotalHits, sameHits, distinct: field !== null };
    const pins = await explainedByPins(pinned, compareSearch(index, excuses));
    if (pins !== null) return pins;
    if (field === null) {
      const question = { index, body, maxTotalHits, nodes: world.living() };
      const ends = sameHits && sortsBeforeRelevancy(known, body["sort"]);
      return ends && (await endsBeforePage(question, compareSearch(index)))
        ? { verdict: "threshold_estimate", reason: "more in front of the page than a node lists" }
        : null;
    }
    const filterable = isFilterable(field, known);
    const odd = excuses === "ordinary" ? [] : (known.odd.get(field) ?? []);
    const { page: _page, hitsPerPage: _hits, offset: _offset, limit: _limit, ...rest } = body;
    const all = { ...rest, distinct: "id", facets: null, page: 1, hitsPerPage: 1 };
    const countAt = async (target: Target): Promise<number> => {
      const found = await nodeRequest(target, "POST", `/indexes/${index}/search`, all);
      return Number(found.body?.totalHits ?? 0);
    };
    const goodEnough = (): Promise<number> => countAt(world.single);
    const mostOfNode = async (): Promise<number> => Math.max(...(await Promise.all(world.living().map(countAt))));
    const sortsFirst = sortsBeforeRelevancy(known, body["sort"]);
    const displayed = known.settings["displayedAttributes"] as readonly string[] | null | undefined;
    const displaysAll = displayed == null || displayed.includes("*");
    const distinct = { body, odd, sameHits, filterable, sortsFirst, maxTotalHits, displaysAll, goodEnough, mostOfNode };
    return explainedByDistinct(distinct, compareSearch(index), compareSearch(index, "ordinary"));
  };
  return {
    async search(left, right, position) {
      const queried = searchBody(request, position);
      if (queried === null) return different("the request cannot be asked again");
      const { queries, federation = {} } = queried.body as { queries?: readonly Body[]; federation?: Body };
      if (position === null && queries !== undefined) {
        const found = await Promise.all(queries.map(({ indexUid }) => facts.of(String(indexUid))));
        const estimated = queries.some((query, i) => distinctOf(query, found[i]!) !== null) || "distinct" in federation;
        const { single, miroir } = world;
        const documentsOf = async (uid: string): Promise<IndexDocuments> => {
          const { ids, settings } = await facts.of(uid);
          return { ids, maxTotalHits: maxTotalHitsOf(settings), shares: () => sharesOf(world, uid) };
        };
        const { turns } = world;
        const otherwise = { queries, federation, single, miroir, nodes: world.living(), turns, documentsOf };
        const factsOf = async (index: string): Promise<FacetFacts> =>
          facetFacts(await facts.of(index), world, index, {});
        const mergedFacets = (): Promise<Comparison | null> =>
          judgeFederatedFacets({ left, right, queries, single, factsOf });
        const input = {
          queries,
          federation,
          estimated,
          excuses,
          mergedFacets,
          judgedOtherwise: () => judgedOtherwise(otherwise),
        };
        const judged = await judgeFederated(input, firstDifference(left, right), (part) => {
          const rules = request.searchRules === undefined ? {} : { searchRules: request.searchRules };
          return compareOne({ ...part, ...rules }, "queries" in (part.body as object) ? false : excuses);
        });
        if (judged.verdict !== "different" || excuses === false) return judged;
        const byFrequency = queries.findIndex((query, i) => leavesFrequency(query, found[i]!));
        if (byFrequency !== -1 && (await dropsOthers(queries, federation, byFrequency))) {
          return { ...judged, verdict: "frequency_local" };
        }
        const sortsFirst = queries.map(({ sort }, i) => sortsBeforeRelevancy(found[i]!, sort));
        const thresholds = { left, right, queries, federation, sortsFirst };
        const path = "/multi-search";
        const again = (body: object): Promise<Comparison> => compareOne({ method: "POST", path, body }, false);
        const nodes = world.living();
        const questionOf = (at: number): Omit<ThresholdQuestion, "body"> => ({
          index: String(queries[at]!["indexUid"]),
          maxTotalHits: maxTotalHitsOf(found[at]!.settings),
          nodes,
        });
        const ends =
          (await federationEndsBeforePage(thresholds, again)) ||
          (await queryEndsBeforePage({ ...thresholds, questionOf }, (others) =>
            again({ queries: others, federation }),
          ));
        return ends ? { ...judged, verdict: "threshold_estimate" } : judged;
      }
      const index = queried.index ?? indexOf(request);
      if (index === undefined) return different(firstDifference(left, right));
      const known = await facts.of(index);
      if (/\/similar(?:\?|$)/.test(request.path)) {
        const path = request.path.replace(/\?.*$/, "");
        const asked = (body: Body): Promise<Comparison> => compareOne({ method: "POST", path, body }, false);
        const judged = await judgeSimilar(queried.body, known, firstDifference(left, right), asked);
        if (judged.verdict !== "different") return judged;
        const question = { path, body: queried.body, single: world.single, miroir: world.miroir };
        return (await missesNearest(question)) ? { ...judged, verdict: "vector_recall" } : judged;
      }
      const body = withTenant(queried.body, index, request);
      return judgeSearch({
        left,
        right,
        body,
        witness: createWitness({
          index,
          single: world.single,
          miroir: world.miroir,
          nodes: world.living(),
          turns: world.turns,
          ids: known.ids,
          maxTotalHits: maxTotalHitsOf(known.settings),
          shares: () => sharesOf(world, index),
        }),
        facets: facetFacts(known, world, index, body),
        named: () => (excuses !== false ? named(index, body, known) : Promise.resolve(null)),
        distinct: (distinctOf(body, known) ?? "id") !== "id",
        excuse: (sameHits) => (excuses !== false ? excuse(index, body, known, sameHits) : Promise.resolve(null)),
      });
    },
    async refused(difference) {
      const index = indexOf(request);
      const filter = searchBody(request, null)?.body["filter"];
      if (index === undefined) return different(difference);
      const { single } = world;
      for (const comparison of comparisonsIn(filter)) {
        const lost = await lostDocuments({ index, filter: comparison, single, nodes: world.living() });
        if (lost.length > 0) return { verdict: "facet_lost", difference };
      }
      return different(difference);
    },
    async failed(difference) {
      const { method, path, body } = request;
      const answers = await Promise.all(world.living().map((node) => nodeRequest(node, method, path, body)));
      const isFault = answers.some(({ status, body: error }) => status === 500 && error?.code === "internal");
      return isFault ? { verdict: "engine_fault", difference } : different(difference);
    },
    documents: (left, right) => judgeDocuments({ left, right, request, world, nodes: world.living() }),
    async facetSearch(left, right) {
      const difference = firstDifference(left, right);
      const index = indexOf(request);
      if (index === undefined || normal(without(left, HITS)) !== normal(without(right, HITS)))
        return different(difference);
      const known = await facts.of(index);
      const { facetName, q, filter, matchingStrategy, attributesToSearchOn } = request.body as Body;
      const asked = { q, filter, matchingStrategy, attributesToSearchOn };
      const truth = truthOf(world, index, withTenant(asked, index, request));
      const [a, b] = [facetHits(left), facetHits(right)];
      const full = Math.max(a.length, b.length) >= valuesMaxOf(known);
      const loss = await explainedByLoss(String(facetName), a, b, { full, truth });
      if (loss === null) return different(difference);
      const distinct = known.settings["distinctAttribute"] ?? null;
      if (distinct !== null) return { verdict: "facet_search_distinct", difference };
      return { verdict: loss === "lost" ? "facet_lost" : "facet_ties", difference };
    },
  };
}

const MANY_WORDS = 8;
const HITS: ReadonlySet<string> = new Set(["facetHits"]);

function distinctOf(body: Body, { settings }: IndexFacts): string | null {
  const distinct = body["distinct"] ?? settings["distinctAttribute"] ?? null;
  return typeof distinct === "string" ? distinct : null;
}

function isFilterable(field: string, { settings }: IndexFacts): boolean {
  return indexView({ settings } as unknown as Parameters<typeof indexView>[0]).isFilterable(field);
}

/**
 * Does a search by frequency leave it to each node which words it drops? With many words of one frequency there are too
 * many forms to ask for, and what a form lacks may change how near to each other the engine finds the other words.
 */
function leavesFrequency(body: Body, { settings }: IndexFacts): boolean {
  if (body["matchingStrategy"] !== "frequency") return false;
  const read = readSearchRequest(body);
  const entry = { settings } as unknown as Parameters<typeof frequencyWords>[1];
  // The words of a hybrid search are asked for like any.
  const words = read.kind === "request" ? frequencyWords({ ...read.request, kind: "keyword" }, entry) : null;
  return words === null || words.words.length >= MANY_WORDS;
}

/** What is asked again is asked without a token, so what the token forces is said in the search. */
function withTenant(body: Body, index: string, { searchRules = {} }: DifferentialRequest): Body {
  const rule = Object.entries(searchRules).find(([pattern]) => index.startsWith(pattern.replace("*", "")))?.[1];
  if (rule === null || rule === undefined) return body;
  const filter = andFilters(body["filter"] ?? undefined, [rule.filter]);
  return filter === undefined ? body : { ...body, filter };
}
