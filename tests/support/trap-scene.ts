/** One single node and Miroir with the same small indexes, in which every trap of a sharding router has a place. */
import { firstDifference, normal } from "../differential/compare.ts";
import { parseExact, type Exact } from "../differential/exact-json.ts";
import { askBoth, load, startWorld, type World } from "../differential/world.ts";
import { expect } from "bun:test";
import type { NodeAnswer } from "./nodes.ts";

export interface TrapScene {
  readonly world: World;
  /** Asks both sides the same; status and answer have to be the same, text for text where numbers are concerned. */
  same(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<NodeAnswer>;
  /** A search of an index, asked of both sides. */
  search(body: object, indexUid?: string): Promise<NodeAnswer>;
  stop(): Promise<void>;
}

export async function startTrapScene(): Promise<TrapScene> {
  const world = await startWorld({ nodes: 3, replicationFactor: 2, config: PATIENT });
  expect(await load(world, WRITES)).toEqual([]);
  const same: TrapScene["same"] = async (method, path, body, headers = {}) => {
    const [left, right] = await askBoth(world, method, path, body, headers);
    const [expected, given] = [left, right].map(({ text }) =>
      parseExact(text.replace(QUERY_UIDS, '"queryUid":""')),
    ) as [Exact, Exact];
    const difference = normal(expected) === normal(given) ? "" : firstDifference(expected, given);
    const asked = `${method} ${path} ${JSON.stringify(body)}`;
    expect([asked, right.status, difference]).toEqual([asked, left.status, ""]);
    expect(right.text).not.toContain("_miroir");
    return right;
  };
  const search: TrapScene["search"] = (body, indexUid = "films") => same("POST", `/indexes/${indexUid}/search`, body);
  return { world, same, search, stop: () => world.stop() };
}

/** What a node answered, hit by hit. */
export function idsOf({ body }: NodeAnswer): readonly unknown[] {
  return ((body.hits ?? body.results) as readonly { readonly id: unknown }[]).map(({ id }) => id);
}

const QUERY_UIDS = /"queryUid":"[^"]*"/g;

/** A busy machine is no reason for another answer. */
const PATIENT = "  scatter: { node_timeout_ms: 25000 }\n";

const GENRES = ["Drama", "drama", "DRAMA", "comedy", "Comedy", "war"];

/** Not in the order of their ids, so that insertion order is an order of its own. */
const FILMS = Array.from({ length: 60 }, (_, at) => {
  const id = (at * 37) % 61;
  return {
    id,
    title: at < 20 ? "the same golden title" : `${["golden", "goldn", "silver", "river"][at % 4]} film ${at}`,
    overview: `${"quiet ".repeat(at % 5)}story of a bridge over the river number ${at}`,
    genre: GENRES[at % GENRES.length],
    series: `s${at % 25}`,
    numbers: [at % 13, (at * 7) % 13],
    ...(at % 6 === 0 ? {} : { year: at % 7 === 0 ? String(1990 + at) : 1990 + (at % 30) }),
    _geo: at < 2 ? { lat: 45 + at * 0.000003, lng: 5 } : { lat: 45 + at / 10, lng: 5 + at / 20 },
    _vectors: { own: [Math.sin(at), Math.cos(at), (at % 9) / 9] },
    ...(at === 33 ? { rare: "only here" } : {}),
  };
});

/** Numbers that JavaScript would not print as they were written. */
const EXACT_FILMS = `[{"id":101,"big":9007199254740993,"float":1.0,"title":"exact","7":"seven","b":1,"a":2,"_vectors":{"own":null}}]`;

const SETTINGS = {
  searchableAttributes: ["title", "overview", "rare"],
  filterableAttributes: ["genre", "year", "series", "numbers", "rare", "_geo"],
  sortableAttributes: ["year", "title", "_geo"],
  embedders: { own: { source: "userProvided", dimensions: 3 } },
};

const WRITES = [
  ...index("films", SETTINGS, FILMS),
  // What is replaced keeps its place.
  { method: "POST", path: "/indexes/films/documents", body: FILMS.slice(5, 15) },
  { method: "POST", path: "/indexes/films/documents", body: EXACT_FILMS },
  ...index(
    "hidden",
    { displayedAttributes: ["id", "title"], sortableAttributes: ["year"], filterableAttributes: ["series"] },
    FILMS.map(plain),
  ),
  ...index(
    "short",
    {
      ...SETTINGS,
      pagination: { maxTotalHits: 5 },
      faceting: { maxValuesPerFacet: 3, sortFacetValuesBy: { series: "count" } },
    },
    FILMS,
  ),
];

function index(
  uid: string,
  settings: object,
  documents: readonly object[],
): readonly { method: string; path: string; body: unknown }[] {
  return [
    { method: "POST", path: "/indexes", body: { uid, primaryKey: "id" } },
    { method: "PATCH", path: `/indexes/${uid}/settings`, body: settings },
    { method: "POST", path: `/indexes/${uid}/documents`, body: documents },
  ];
}

function plain({ _vectors, ...rest }: (typeof FILMS)[number]): object {
  return rest;
}
