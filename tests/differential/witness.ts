/** Asks the single node, Miroir and the nodes themselves once more, so that a difference is explained by facts. */
import { assert } from "../../src/core/assert.ts";
import { andFilters } from "../../src/core/filters/and-filters.ts";
import { MARKER_PREFIX } from "../../src/core/markers/fields.ts";
import { askWhole } from "./ask-whole.ts";
import { normal } from "./compare.ts";
import { canonical, items, member, parseExact, type Exact } from "./exact-json.ts";
import { rawDetails } from "./raw-details.ts";
import type { Share } from "./shares.ts";

export interface Target {
  readonly url: string;
  readonly masterKey: string;
}

type Body = Readonly<Record<string, unknown>>;

export interface Witness {
  /** The hits of the same page with their ids; null when the request is refused. */
  single(body: Body): Promise<readonly Exact[] | null>;
  /** Of the groups that take turns, that of one which answers otherwise than the page given; null: refused, or none does. */
  miroirUnlike(body: Body, page: readonly Exact[]): Promise<readonly Exact[] | null>;
  /** The hits from the first to well beyond the page, with details. */
  wideSingle(body: Body): Promise<readonly Exact[] | null>;
  /** Of the group that shows this page. */
  wideMiroir(body: Body, page: readonly Exact[]): Promise<readonly Exact[] | null>;
  /** Does a living node print the hit of this search exactly so, apart from what is cut out or hidden on the way? */
  printedByNode(body: Body, hit: Exact): Promise<boolean>;
  /** Raw details by document, of these documents or, with null, of all; a document that is not found is absent. */
  detailsAtSingle(body: Body, ids: readonly string[] | null): Promise<Details>;
  /** Of documents that its list is too short to show: judged together with those at its beginning. */
  detailsBehindAtSingle(body: Body, list: readonly string[], ids: readonly string[]): Promise<Details>;
  /** Of these documents those that the single node finds alone, and does not list among all although its list has room. */
  unlistedAtSingle(body: Body, list: readonly string[], ids: readonly string[]): Promise<readonly string[]>;
  detailsAtNodes(body: Body, ids: readonly string[] | null): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** The same of what each node finds by itself: among fewer documents one may be judged in yet another way. */
  wideDetailsAtNodes(body: Body): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** The same of the parts in which the router asks them. */
  wideDetailsOfShares(body: Body): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** How good the single node finds each document, and how good the nodes find it, all of them or a part of theirs. */
  scores(body: Body): Promise<Scores>;
}

export interface Scores {
  readonly single: ReadonlyMap<string, readonly number[]>;
  readonly nodes: ReadonlyMap<string, readonly number[]>;
}

type Details = ReadonlyMap<string, string>;

export interface WitnessInput {
  readonly index: string;
  readonly single: Target;
  readonly miroir: Target;
  readonly nodes: readonly Target[];
  /** How often Miroir has to be asked until each of its groups has answered. */
  readonly turns: number;
  readonly ids: readonly string[];
  /** A node returns at most so many hits; it is asked in portions of that size. */
  readonly maxTotalHits: number;
  readonly shares: () => Promise<readonly Share[]>;
}

const WINDOW = 1_000;

export function createWitness(input: WitnessInput): Witness {
  const path = `/indexes/${input.index}/search`;
  const ask = async (target: Target, body: Body): Promise<readonly Exact[] | null> => {
    const answer = await askWhole(target, "POST", path, body);
    return answer.status === 200 ? items(member(parseExact(answer.text), "hits")) : null;
  };
  const askFor = async (target: Target, body: Body, ids: readonly string[] | null): Promise<readonly Exact[]> => {
    const wanted = ids ?? input.ids;
    const portion = Math.max(1, Math.min(WINDOW, input.maxTotalHits));
    const hits: Exact[] = [];
    for (let from = 0; from < wanted.length; from += portion) {
      const filter = withIds(body["filter"], wanted.slice(from, from + portion));
      hits.push(...((await ask(target, { ...wide(body), filter })) ?? []));
    }
    return hits;
  };
  const listsOfShares = async (body: Body): Promise<readonly (readonly Exact[])[]> => {
    const lists: (readonly Exact[])[] = [];
    for (const { node, filter } of await input.shares()) {
      const asked = { ...body, filter: andFilters(body["filter"] ?? undefined, [filter]) };
      lists.push((await ask(node, asked)) ?? []);
    }
    return lists;
  };
  return {
    single: (body) => ask(input.single, withId(body)),
    async miroirUnlike(body, page) {
      const known = page.map(normal).join();
      for (let turn = 0; turn < input.turns; turn += 1) {
        const hits = await ask(input.miroir, withId(body));
        if (hits === null || hits.map(normal).join() !== known) return hits;
      }
      return null;
    },
    wideSingle: (body) => ask(input.single, wide(body)),
    async wideMiroir(body, page) {
      const shown = ` ${page.map(idText).join(" ")} `;
      let hits: readonly Exact[] | null = null;
      for (let turn = 0; turn < input.turns; turn += 1) {
        hits = await ask(input.miroir, wide(body));
        if (hits === null || ` ${hits.map(idText).join(" ")} `.includes(shown)) break;
      }
      return hits;
    },
    async printedByNode(body, hit) {
      const { page: _page, hitsPerPage: _hits, offset: _offset, limit: _limit, ...rest } = withId(body);
      const one = { ...rest, filter: withIds(body["filter"], [idText(hit)]) };
      const found = await Promise.all(input.nodes.map((node) => ask(node, one)));
      return found.flatMap((hits) => hits ?? []).some((own) => isPartOf(hit, own));
    },
    async detailsAtSingle(body, ids) {
      return new Map((await askFor(input.single, body, ids)).map((hit) => [idText(hit), rawDetails(hit)]));
    },
    async detailsBehindAtSingle(body, list, ids) {
      const portion = Math.floor(input.maxTotalHits / 2);
      const details = new Map<string, string>();
      if (list.length < input.maxTotalHits || portion === 0) return details;
      for (let from = 0; from < ids.length; from += portion) {
        const wanted = [...list.slice(0, portion), ...ids.slice(from, from + portion)];
        const hits = (await ask(input.single, { ...wide(body), filter: withIds(body["filter"], wanted) })) ?? [];
        for (const hit of hits) details.set(idText(hit), rawDetails(hit));
      }
      return details;
    },
    async unlistedAtSingle(body, list, ids) {
      if (list.length >= Math.min(WINDOW, input.maxTotalHits)) return [];
      const found = (await askFor(input.single, body, ids)).map(idText);
      return found.filter((id) => !list.includes(id));
    },
    async detailsAtNodes(body, ids) {
      return byDocument(await Promise.all(input.nodes.map((node) => askFor(node, body, ids))));
    },
    async wideDetailsAtNodes(body) {
      return byDocument(await Promise.all(input.nodes.map(async (node) => (await ask(node, wide(body))) ?? [])));
    },
    async wideDetailsOfShares(body) {
      return byDocument(await listsOfShares(wide(body)));
    },
    async scores(body) {
      const asked = { ...wide(body), rankingScoreThreshold: null, showRankingScore: true };
      const [single, whole, parts] = await Promise.all([
        ask(input.single, asked),
        Promise.all(input.nodes.map((node) => ask(node, asked))),
        listsOfShares(asked),
      ]);
      return { single: scoresIn([single ?? []]), nodes: scoresIn([...whole.map((hits) => hits ?? []), ...parts]) };
    },
  };
}

function byDocument(lists: readonly (readonly Exact[])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const details = new Map<string, Set<string>>();
  for (const hit of lists.flat().map(unmarked)) {
    const known = details.get(idText(hit)) ?? new Set();
    details.set(idText(hit), known.add(rawDetails(hit)));
  }
  return details;
}

function scoresIn(lists: readonly (readonly Exact[])[]): ReadonlyMap<string, readonly number[]> {
  const scores = new Map<string, number[]>();
  for (const hit of lists.flat()) {
    const score = member(hit, "_rankingScore");
    const known = scores.get(idText(hit)) ?? [];
    scores.set(idText(hit), known);
    if (score?.kind === "number") known.push(Number(score.literal));
  }
  return scores;
}

function withId(body: Body): Body {
  const retrieved = body["attributesToRetrieve"];
  return Array.isArray(retrieved) ? { ...body, attributesToRetrieve: [...(retrieved as string[]), "id"] } : body;
}

/** The same search from its first hit on, with the raw details of every hit and without what only decorates. */
function wide(body: Body): Body {
  const kept = Object.fromEntries(Object.entries(body).filter(([key]) => DECIDES.has(key)));
  return { ...kept, attributesToRetrieve: ["id"], offset: 0, limit: WINDOW, showRankingScoreDetails: true };
}

/** Parameters that decide which documents are found and in which order. */
const DECIDES: ReadonlySet<string> = new Set([
  "q",
  "filter",
  "sort",
  "matchingStrategy",
  "attributesToSearchOn",
  "rankingScoreThreshold",
  "locales",
  "vector",
  "hybrid",
  "distinct",
]);

function withIds(filter: unknown, ids: readonly string[]): unknown {
  const clause = `id IN [${ids.map((id) => JSON.stringify(id)).join(", ")}]`;
  if (filter === undefined || filter === null || filter === "") return [clause];
  return Array.isArray(filter) ? [...(filter as unknown[]), clause] : [filter, clause];
}

/** Every member stands in the node's hit with the same value; of computed members, every part of them. */
function isPartOf(hit: Exact, own: Exact): boolean {
  if (hit.kind !== "object" || own.kind !== "object") return false;
  return [...hit.members].every(([key, value]) => {
    const there = own.members.get(key);
    if (key.startsWith("<hidden-rule-")) return true;
    if (there === undefined) return false;
    if (NESTED.has(key)) return isPartOf(value, there);
    return canonical(value, () => false) === canonical(there, () => false);
  });
}

/** Cuts out Miroir's own fields and rules. */
function unmarked(hit: Exact): Exact {
  if (hit.kind !== "object") return hit;
  const members = [...hit.members]
    .filter(([key]) => !key.startsWith(MARKER_PREFIX))
    .map(([key, value]): [string, Exact] => [key, NESTED.has(key) ? unmarked(value) : value]);
  return { kind: "object", members: new Map(members) };
}

const NESTED: ReadonlySet<string> = new Set(["_formatted", "_matchesPosition", "_rankingScoreDetails"]);

/** 1 and "1" are the same document. */
export function idText(hit: Exact): string {
  const id = member(hit, "id");
  assert(id?.kind === "number" || id?.kind === "string", "a hit has its id");
  return id.kind === "number" ? id.literal : id.value;
}
