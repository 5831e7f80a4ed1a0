/**
 * Paging as Laravel Scout does it: `page` and `hitsPerPage`, exact totals on every page, and a walk over all pages that
 * meets every document exactly once, also while a node dies or documents are replaced on the way.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { comparable } from "../support/clients-comparable.ts";
import { startPair, type Pair, type Side } from "../support/clients-pair.ts";
import { waitForEnd } from "../support/miroir.ts";
import { nodeRequest, type NodeAnswer } from "../support/nodes.ts";

const POSTS = 1_200;
const PER_PAGE = 15;
const AUTHORS = ["ada", "ben", "cleo", "dan", "eva", "finn", "gil"] as const;

interface Post {
  readonly id: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly votes: number;
  readonly __soft_deleted: 0 | 1;
}

function post(id: number, edition = 1): Post {
  return {
    id,
    title: `Post ${id}`,
    body: `Edition ${edition} of some words about ${id % 3 === 0 ? "sailing" : "cooking"} and ${id % 4 === 0 ? "winter" : "summer"}`,
    author: AUTHORS[(id * 5) % AUTHORS.length] ?? "",
    votes: (id * 31) % 20,
    __soft_deleted: id % 10 === 0 ? 1 : 0,
  };
}

const posts = Array.from({ length: POSTS }, (_unused, position) => post(position + 1));

/** What the application asks for; the page is added to it. */
type Query = Readonly<Record<string, unknown>>;

interface Walk {
  readonly ids: readonly number[];
  readonly totals: ReadonlySet<string>;
  readonly editions: readonly string[];
}

const QUERIES: Readonly<Record<string, Query>> = {
  "everything, in the order it came": { q: "" },
  "everything not deleted": { q: "", filter: "__soft_deleted=0" },
  "in an order full of ties": { q: "", filter: "__soft_deleted=0", sort: ["votes:desc"] },
  "words in an order full of ties": { q: "sailing winter", sort: ["votes:asc"] },
  "words by relevance": { q: "cooking in summer" },
  "one author's": { q: "", filter: 'author="ada" AND __soft_deleted=0', sort: ["votes:desc", "id:asc"] },
  "nobody's": { q: "", filter: 'author="nobody"' },
};

describe("paging as Laravel Scout does it", () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair();
    await pair.load("POST", "/indexes", { uid: "posts", primaryKey: "id" });
    await pair.load("PATCH", "/indexes/posts/settings", {
      filterableAttributes: ["author", "__soft_deleted"],
      sortableAttributes: ["votes", "id"],
      pagination: { maxTotalHits: 5_000 },
    });
    for (let from = 0; from < POSTS; from += 400) {
      await pair.load("POST", "/indexes/posts/documents?primaryKey=id", posts.slice(from, from + 400));
    }
  });
  afterAll(() => pair.stop());

  for (const [says, query] of Object.entries(QUERIES)) {
    test(`${says}: every page is the single node's, totals are exact on each, nothing comes twice`, async () => {
      const { single, miroir } = await pair.both((side) => walk(side, query));
      expect(miroir.ids).toEqual(single.ids);
      expect([...miroir.totals]).toEqual([...single.totals]);
      expect(miroir.totals.size).toBe(1);
      expect(new Set(miroir.ids).size).toBe(miroir.ids.length);
      expect([...miroir.totals][0]).toStartWith(`${miroir.ids.length} on `);
    });
  }

  test("the pages at the edges are the single node's", async () => {
    const edges = [
      { page: 0, hitsPerPage: 15 },
      { page: 1, hitsPerPage: 0 },
      { page: 80, hitsPerPage: 15 },
      { page: 81, hitsPerPage: 15 },
      { page: 1, hitsPerPage: POSTS },
      { page: 2, hitsPerPage: 5_000 },
      { page: 3 },
      { hitsPerPage: 7 },
      { page: -1 },
      { page: "two" },
    ];
    for (const edge of edges) {
      const { single, miroir } = await pair.both((side) => ask(side, { q: "", ...edge }));
      expect([edge, miroir.status, comparable(miroir.body)]).toEqual([edge, single.status, comparable(single.body)]);
    }
  });

  test("a lower `maxTotalHits` ends both walks at the same page with the same totals", async () => {
    await pair.load("PATCH", "/indexes/posts/settings/pagination", { maxTotalHits: 100 });
    const { single, miroir } = await pair.both((side) => walk(side, { q: "" }));
    expect(miroir).toEqual(single);
    await pair.load("PATCH", "/indexes/posts/settings/pagination", { maxTotalHits: 5_000 });
  });

  test("posts replaced during the walk keep their place and are met once", async () => {
    const before = await walk(pair.miroir, { q: "" });
    const again = Array.from({ length: 300 }, (_unused, position) => post(1 + position * 4, 2));
    const during = await walk(pair.miroir, { q: "" }, async (page) => {
      if (page !== 20) return;
      const answer = await nodeRequest(pair.miroir, "POST", "/indexes/posts/documents", again);
      const task = await waitForEnd(pair.miroir, answer.body.taskUid);
      expect(task).toMatchObject({ status: "succeeded", details: { indexedDocuments: 300 } });
    });
    expect(during.ids).toEqual(before.ids);
    expect(during.totals.size).toBe(1);
    const renewed = during.ids.filter((_id, position) => during.editions[position]?.startsWith("Edition 2"));
    const later = during.ids.slice(19 * PER_PAGE);
    expect(renewed).toEqual(later.filter((id) => id % 4 === 1));
    expect((await walk(pair.miroir, { q: "" })).ids).toEqual(before.ids);
  });

  test("a node that dies during the walk costs no post, no order and no total", async () => {
    const query = { q: "", filter: "__soft_deleted=0", sort: ["votes:desc"] };
    const before = await walk(pair.miroir, query);
    const during = await walk(pair.miroir, query, async (page) => {
      if (page === 30) await pair.miroir.nodes[1]?.kill();
    });
    expect(during.ids).toEqual(before.ids);
    expect([...during.totals]).toEqual([...before.totals]);
    expect(during.ids.length).toBe(POSTS * 0.9);
  });
});

/** All pages until the last, as the totals of the first page announce them. */
async function walk(side: Side, query: Query, before?: (page: number) => Promise<void>): Promise<Walk> {
  const ids: number[] = [];
  const editions: string[] = [];
  const totals = new Set<string>();
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    await before?.(page);
    const { status, headers, body } = await ask(side, { ...query, page, hitsPerPage: PER_PAGE });
    expect([status, headers.get("x-miroir-degraded")]).toEqual([200, null]);
    expect([body.page, body.hitsPerPage]).toEqual([page, PER_PAGE]);
    pages = body.totalPages as number;
    totals.add(`${body.totalHits} on ${pages} pages`);
    for (const hit of body.hits as Post[]) {
      ids.push(hit.id);
      editions.push(hit.body);
    }
  }
  return { ids, totals, editions };
}

async function ask(side: Side, query: Query): Promise<NodeAnswer> {
  return await nodeRequest(side, "POST", "/indexes/posts/search", query);
}
