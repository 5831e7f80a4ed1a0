/** Sorted lists of documents, and what they were sorted by for those who merge the lists of several nodes. */
import { beforeAll, expect, test } from "bun:test";
import { nodeRequest, runTask } from "../../support/nodes.ts";
import { describeEngines } from "../../support/nodes-engines.ts";

const DOCUMENTS = [
  { id: 1, x: [3, 1], _geo: { lat: 1.5, lng: 2 } },
  { id: 2, x: ["Abc", "Éa"] },
  { id: 3, x: 4.5, y: { z: 1 } },
  { id: 4, x: [false, 5] },
  { id: 5, x: null, _geo: { lat: "1", lng: 2 } },
  { id: 6 },
];
const PROXY = { "meili-proxy-search": "true" };

interface Listed {
  readonly id: number;
  readonly _federation?: { readonly weightedScoreValues: readonly unknown[] };
}

describeEngines("sorted lists", (node) => {
  beforeAll(async () => {
    const settings = { sortableAttributes: ["x", "y.z", "_geo"], displayedAttributes: ["id"] };
    await runTask(node(), "PATCH", "/indexes/s/settings", settings);
    await runTask(node(), "POST", "/indexes/s/documents", DOCUMENTS);
  }, 60_000);

  async function list(sort: readonly string[], headers = {}): Promise<readonly Listed[]> {
    return (await nodeRequest(node(), "POST", "/indexes/s/documents/fetch", { sort }, headers)).body.results;
  }
  const values = async (sort: readonly string[]): Promise<unknown[]> =>
    (await list(sort, PROXY)).map(({ id, _federation }) => [id, _federation?.weightedScoreValues]);

  test("numbers before texts; a document with both comes twice, one with null not at all", async () => {
    expect((await list(["x:asc"])).map(({ id }) => id)).toEqual([1, 3, 4, 2, 4, 6]);
    expect((await list(["x:desc"])).map(({ id }) => id)).toEqual([4, 3, 1, 4, 2, 6]);
  });

  test("on request each document tells the value that counted for each criterion", async () => {
    const by = (value: unknown, second: unknown): unknown[] => [
      { sort: { asc: false, value } },
      { sort: { asc: true, value: second } },
    ];
    expect(await values(["x:desc", "y.z:asc"])).toEqual([
      [4, by(5, null)],
      [3, by(4.5, 1)],
      [1, by(3, null)],
      [4, by(5, null)],
      [2, by("éa".normalize("NFKD"), null)],
      [6, by(null, null)],
    ]);
    const [near, next] = await values(["_geoPoint(1, 1):asc"]);
    expect(near).toEqual([5, [{ geoSort: { asc: true, distance: null } }]]);
    expect(next).toEqual([1, [{ geoSort: { asc: true, distance: 124_295.724 } }]]);
    expect((await values([]))[0]).toEqual([1, []]);
  });

  test("GET tells nothing, and neither does another value of the header", async () => {
    const got = await nodeRequest(node(), "GET", "/indexes/s/documents?sort=x:asc", undefined, PROXY);
    expect(got.text).not.toContain("_federation");
    expect(JSON.stringify(await list(["x:asc"], { "meili-proxy-search": "1" }))).not.toContain("_federation");
  });
});
