/**
 * Paging through a result never shows a document twice and never loses one, whatever decides between equal hits: with
 * replicas, while a node dies between two pages, and after documents were replaced and deleted.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { startMiroir, type TestMiroir } from "../support/miroir.ts";

setDefaultTimeout(180_000);

const COUNT = 260;
const PAGE = 23;

/** Three titles for all documents: nearly everything ties on every rule. */
function documentOf(id: number, version = 0): object {
  return { id, title: ["stone bridge", "old stone bridge", "bridge"][id % 3], price: id % 4, version };
}

/** Ids in an order that is not that of the numbers. */
const inserted = Array.from({ length: COUNT }, (_unused, place) => (place * 97) % COUNT);

async function start(tieBreak: string): Promise<TestMiroir> {
  const config = `  search: { tie_break: ${tieBreak} }\n`;
  const miroir = await startMiroir({ nodes: 3, replicationFactor: 2, shards: 12, config });
  await miroir.write("POST", "/indexes", { uid: "ties", primaryKey: "id" });
  await miroir.write("PATCH", "/indexes/ties/settings", { sortableAttributes: ["price"] });
  for (let from = 0; from < COUNT; from += 130) {
    const batch = inserted.slice(from, from + 130).map((id) => documentOf(id));
    await miroir.write("POST", "/indexes/ties/documents", batch);
  }
  return miroir;
}

const SEARCHES = [{}, { q: "stone" }, { q: "stone bridge" }, { q: "bridge", sort: ["price:desc"] }];

/** All pages of a search; `between` runs when half of them are there. */
async function allPages(miroir: TestMiroir, search: object, between?: () => Promise<void>): Promise<number[]> {
  const seen: number[] = [];
  for (let offset = 0; ; offset += PAGE) {
    if (between !== undefined && offset >= COUNT / 2 && offset < COUNT / 2 + PAGE) await between();
    const { status, body, headers } = await miroir.request("POST", "/indexes/ties/search", {
      ...search,
      offset,
      limit: PAGE,
      attributesToRetrieve: ["id"],
    });
    expect([status, headers.get("x-miroir-degraded")]).toEqual([200, null]);
    const ids = body.hits.map(({ id }: { id: number }) => id);
    seen.push(...ids);
    if (ids.length < PAGE) return seen;
  }
}

async function listed(miroir: TestMiroir, between?: () => Promise<void>): Promise<number[]> {
  const seen: number[] = [];
  for (let offset = 0; ; offset += PAGE) {
    if (between !== undefined && offset >= COUNT / 2 && offset < COUNT / 2 + PAGE) await between();
    const { body } = await miroir.request("GET", `/indexes/ties/documents?fields=id&offset=${offset}&limit=${PAGE}`);
    const ids = body.results.map(({ id }: { id: number }) => id);
    seen.push(...ids);
    if (ids.length < PAGE) return seen;
  }
}

async function whole(miroir: TestMiroir, search: object): Promise<number[]> {
  const { body } = await miroir.request("POST", "/indexes/ties/search", { ...search, limit: 1_000 });
  return body.hits.map(({ id }: { id: number }) => id);
}

async function expectSound(miroir: TestMiroir, present: readonly number[]): Promise<void> {
  for (const search of SEARCHES) {
    const pages = await allPages(miroir, search);
    expect(new Set(pages).size).toBe(pages.length);
    expect(pages).toEqual(await whole(miroir, search));
    if (!("q" in search) || search.q === "bridge") expect(pages.toSorted(byNumber)).toEqual(present.toSorted(byNumber));
  }
  expect(await listed(miroir)).toEqual(present as number[]);
  expect(await allPages(miroir, {})).toEqual(present as number[]);
}

const byNumber = (a: number, b: number): number => a - b;

/** Runs `work` with a node that dies in the middle, and waits until the fleet is whole again. */
async function withDeath(miroir: TestMiroir, victim: number, work: (die: () => Promise<void>) => Promise<void>) {
  const node = miroir.nodes[victim]!;
  await work(() => node.kill());
  await node.restart();
  const deadline = performance.now() + 30_000;
  for (;;) {
    const { body } = await miroir.request("GET", "/_miroir/topology", undefined, { "x-admin-key": miroir.adminKey });
    if (body.degraded_node_count === 0) return;
    if (performance.now() > deadline) throw new TypeError("the fleet does not become whole again");
    await Bun.sleep(50);
  }
}

describe.each(["sequence", "node"])("with `search.tie_break: %s`", (tieBreak) => {
  let miroir: TestMiroir;
  let present = inserted;

  beforeAll(async () => {
    miroir = await start(tieBreak);
  }, 180_000);
  afterAll(() => miroir.stop());

  test("pages are the list in the order of insertion, each document once", async () => {
    await expectSound(miroir, present);
  });

  test("a replaced or partly updated document keeps its place", async () => {
    const before = await Promise.all(SEARCHES.map((search) => whole(miroir, search)));
    const some = present.filter((id) => id % 3 !== 1);
    await miroir.write(
      "POST",
      "/indexes/ties/documents",
      some.toReversed().map((id) => documentOf(id, 1)),
    );
    await miroir.write(
      "PUT",
      "/indexes/ties/documents",
      present.slice(0, 40).map((id) => ({ id, version: 2 })),
    );
    expect(await Promise.all(SEARCHES.map((search) => whole(miroir, search)))).toEqual(before);
    await expectSound(miroir, present);
  });

  test("deleted documents leave, and the others stay in their order", async () => {
    const gone = new Set(present.filter((id) => id % 7 === 3));
    await miroir.write("POST", "/indexes/ties/documents/delete-batch", [...gone]);
    present = present.filter((id) => !gone.has(id));
    await expectSound(miroir, present);
  });

  test("a node that dies between two pages changes nothing", async () => {
    for (const [victim, search] of [SEARCHES[1]!, SEARCHES[3]!].entries()) {
      const expected = await whole(miroir, search);
      await withDeath(miroir, victim, async (die) => {
        expect(await allPages(miroir, search, die)).toEqual(expected);
      });
    }
    await withDeath(miroir, 2, async (die) => {
      expect(await listed(miroir, die)).toEqual(present);
    });
  });

  test("new documents come behind all others, where ids of deleted ones are free again", async () => {
    const fresh = Array.from({ length: 30 }, (_unused, i) => COUNT + i);
    await miroir.write(
      "POST",
      "/indexes/ties/documents",
      fresh.map((id) => documentOf(id)),
    );
    present = [...present, ...fresh];
    const pages = await allPages(miroir, {});
    expect(pages.toSorted(byNumber)).toEqual(present.toSorted(byNumber));
    // A node's own order puts them where there is room.
    if (tieBreak === "sequence") {
      await expectSound(miroir, present);
      await withDeath(miroir, 2, async (die) => {
        expect(await allPages(miroir, { q: "stone" }, die)).toEqual(await whole(miroir, { q: "stone" }));
      });
    }
  });

  test("the other value takes effect with the next start, on the indexes that there are", async () => {
    const other = tieBreak === "sequence" ? "node" : "sequence";
    const file = join(miroir.directory, "miroir.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(`tie_break: ${tieBreak}`, `tie_break: ${other}`));
    await miroir.kill();
    await miroir.start();
    const deadline = performance.now() + 30_000;
    while (!(await miroir.output()).includes(`"tie_break":"${other}"`)) {
      // One node may have followed and another not yet; what is found is whole all the same.
      expect((await whole(miroir, {})).toSorted(byNumber)).toEqual(present.toSorted(byNumber));
      if (performance.now() > deadline) throw new TypeError("the nodes do not follow");
    }
    for (const node of miroir.nodes) {
      const response = await fetch(`${node.url}/indexes/ties/settings`, {
        headers: { authorization: `Bearer ${node.masterKey}` },
      });
      const { rankingRules } = (await response.json()) as { rankingRules: string[] };
      expect(rankingRules.includes("_miroir_seq:asc")).toBe(other === "sequence");
    }
    if (other === "sequence") await expectSound(miroir, present);
    expect((await allPages(miroir, { q: "stone" })).toSorted(byNumber)).toEqual(
      (await whole(miroir, { q: "stone" })).toSorted(byNumber),
    );
  });
});
