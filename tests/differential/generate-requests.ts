/** Generated requests of all chosen kinds over one index, the wrong ones included, whose errors have to be the same. */
import { makeInvalid } from "./generate-invalid.ts";
import {
  makeFilter,
  makePaging,
  makeQuery,
  makeSearch,
  makeSort,
  makeVector,
  type Body,
  type SearchWorld,
} from "./generate-searches.ts";
import type { Kind } from "./kinds.ts";
import type { Dice } from "./random.ts";
import type { DifferentialRequest } from "./request.ts";

export interface RequestWorld extends SearchWorld {
  readonly index: string;
}

export function makeRequests(dice: Dice, world: RequestWorld, count: number): DifferentialRequest[] {
  return Array.from({ length: count }, () => makeRequest(dice, world));
}

function makeRequest(dice: Dice, world: RequestWorld): DifferentialRequest {
  const possible = [...world.kinds].filter((kind) => world.settings.embedder !== null || !EMBEDDED.has(kind));
  const weighted = possible.flatMap((kind) => Array.from({ length: WEIGHTS[kind] }, () => kind));
  return MAKERS[dice.pick(weighted)](dice, world);
}

/** Of no use without an embedder. */
const EMBEDDED: ReadonlySet<Kind> = new Set(["vector", "similar"]);

const WEIGHTS: Readonly<Record<Kind, number>> = {
  search: 12,
  documents: 3,
  multi: 2,
  errors: 2,
  distinct: 2,
  threshold: 2,
  frequency: 1,
  "facet-search": 3,
  federated: 4,
  vector: 4,
  similar: 2,
  tenant: 2,
  // They are part of the setup.
  rules: 0,
};

type Maker = (dice: Dice, world: RequestWorld) => DifferentialRequest;

const search: Maker = (dice, world) => {
  const body = makeSearch(dice, world);
  const headers = dice.chance(0.05) ? { headers: { "meili-include-metadata": "true" } } : {};
  if (dice.chance(0.15)) return { method: "GET", path: `${searchPath(world)}${queryString(body)}`, ...headers };
  return { method: "POST", path: searchPath(world), body, ...headers };
};

const documents: Maker = (dice, world) => {
  const path = `/indexes/${world.index}/documents`;
  if (dice.chance(0.25)) {
    const id = dice.chance(0.9) ? dice.pick(world.ids) : "no-such-document";
    return {
      method: "GET",
      path: `${path}/${id}${dice.pick(["", "?fields=id,title", "?fields=*", "?retrieveVectors=true"])}`,
    };
  }
  const body: Body = {};
  if (dice.chance(0.5)) body["offset"] = dice.pick([0, 1, 17, 100, 100_000]);
  if (dice.chance(0.6)) body["limit"] = dice.pick([0, 1, 20, 50, 1_000]);
  if (dice.chance(0.3))
    body["fields"] = dice.some(["id", "title", "meta", "meta.colour", "*", "nowhere"], 1 + dice.below(2));
  if (dice.chance(0.3)) body["filter"] = makeFilter(dice, world);
  if (dice.chance(0.25)) body["ids"] = dice.some(world.ids, dice.below(6));
  if (dice.chance(0.3)) body["sort"] = makeSort(dice, world.settings.sortable);
  if (dice.chance(0.1)) body["retrieveVectors"] = true;
  return dice.chance(0.5)
    ? { method: "POST", path: `${path}/fetch`, body }
    : { method: "GET", path: `${path}${queryString(body)}` };
};

const multi: Maker = (dice, world) => {
  const queries = Array.from({ length: 1 + dice.below(3) }, () => ({
    indexUid: dice.chance(0.97) ? world.index : "no_such_index",
    ...makeSearch(dice, world),
  }));
  return { method: "POST", path: "/multi-search", body: { queries } };
};

const federated: Maker = (dice, world) => {
  const queries = Array.from({ length: 1 + dice.below(3) }, () => {
    const {
      page: _p,
      hitsPerPage: _h,
      offset: _o,
      limit: _l,
      facets: _f,
      showPerformanceDetails: _d,
      ...rest
    } = makeSearch(dice, world);
    const weight = dice.chance(0.4) ? { federationOptions: { weight: dice.pick([0, 0.3, 1, 2.5]) } } : {};
    return { indexUid: world.index, ...rest, ...weight };
  });
  const federation: Body = { ...makePaging(dice) };
  if (dice.chance(0.3)) federation["facetsByIndex"] = { [world.index]: dice.some(world.settings.filterable, 2) };
  if (federation["facetsByIndex"] !== undefined && dice.chance(0.5)) federation["mergeFacets"] = {};
  return { method: "POST", path: "/multi-search", body: { queries, federation } };
};

const facetSearch: Maker = (dice, world) => {
  const body: Body = { facetName: dice.pick(world.settings.filterable) };
  if (dice.chance(0.8)) body["facetQuery"] = dice.pick(["", "a", "ac", "s", "sal", "ne", "w", "blu", "re"]);
  if (dice.chance(0.4)) body["q"] = makeQuery(dice, world.words);
  if (dice.chance(0.3)) body["filter"] = makeFilter(dice, world);
  if (dice.chance(0.2)) body["exhaustiveFacetCount"] = true;
  return { method: "POST", path: `/indexes/${world.index}/facet-search`, body };
};

const similar: Maker = (dice, world) => {
  const body: Body = { id: dice.pick(world.ids), embedder: world.settings.embedder, limit: 1 + dice.below(30) };
  if (dice.chance(0.3)) body["filter"] = makeFilter(dice, world);
  if (dice.chance(0.3)) body["showRankingScore"] = true;
  return { method: "POST", path: `/indexes/${world.index}/similar`, body };
};

const vector: Maker = (dice, world) => ({
  method: "POST",
  path: searchPath(world),
  body: {
    ...makeSearch(dice, world),
    vector: makeVector(dice),
    hybrid: { embedder: world.settings.embedder, semanticRatio: dice.pick([0.2, 0.5, 0.8, 1]) },
  },
});

/** A search, or a plain multi-search, of which a token lets through only what meets a filter. */
const tenant: Maker = (dice, world) => {
  const filter = dice.chance(0.85) ? makeFilter(dice, world) : null;
  const pattern = dice.pick(["*", world.index, `${world.index.slice(0, 3)}*`]);
  const request = dice.chance(0.8) ? search(dice, world) : multi(dice, world);
  return { ...request, searchRules: { [pattern]: filter === null ? null : { filter } } };
};

const MAKERS: Readonly<Record<Kind, Maker>> = {
  search,
  documents,
  multi,
  errors: (dice, world) => makeInvalid(dice, world),
  distinct: search,
  threshold: search,
  frequency: search,
  "facet-search": facetSearch,
  federated,
  vector,
  similar,
  tenant,
  rules: search,
};

function searchPath({ index }: RequestWorld): string {
  return `/indexes/${index}/search`;
}

/** The same parameters as a query string, in the engine's form: lists with commas, a filter list as JSON. */
export function queryString(body: Body): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(body)) {
    if (value === null || value === undefined) continue;
    if (key === "hybrid") {
      const { embedder, semanticRatio } = value as { readonly embedder: string; readonly semanticRatio: number };
      query.set("hybridEmbedder", embedder);
      query.set("hybridSemanticRatio", String(semanticRatio));
    } else if (key === "filter" && typeof value !== "string") query.set(key, JSON.stringify(value));
    else if (Array.isArray(value)) query.set(key, value.join(","));
    else query.set(key, typeof value === "string" ? value : JSON.stringify(value));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
