import { expect, test } from "bun:test";

import { searchRoutes } from "../../src/http/routes/search.ts";
import { createFleet, sentText } from "../service/search/fake-fleet.ts";
import { appFixture, MASTER } from "./app-fixture.ts";

const owners = [[["a"], ["a"], ["b"], ["b"]]];

function rig(strategy?: "score") {
  const fleet = createFleet({ owners });
  const deps = strategy === undefined ? fleet.deps : { ...fleet.deps, ranking: { strategy, rrfK: 60 } };
  const { send } = appFixture(searchRoutes(deps));
  const post = (path: string, body: object, named?: string): Promise<Response> => {
    const headers = {
      authorization: `Bearer ${MASTER}`,
      "content-type": "application/json",
      ...(named === undefined ? {} : { "X-Miroir-Merge-Strategy": named }),
    };
    return send("POST", path, { headers, body: JSON.stringify(body) });
  };
  const asked = (): string => sentText(fleet.nodes["a"]!.sent.at(-1)!);
  return { post, asked };
}

test.each(["/indexes/films/search", "/multi-search"])(
  "an unknown strategy is refused on %s, with the names of those there are",
  async (path) => {
    const response = await rig().post(path, path === "/multi-search" ? { queries: [] } : {}, "bm25");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "miroir_invalid_header",
      type: "invalid_request",
      message: "`X-Miroir-Merge-Strategy` must be one of details, score, rrf, dfs, and not `bm25`.",
    });
  },
);

test("a request chooses its strategy, and nodes are asked for no more than it needs", async () => {
  const { post, asked } = rig();
  const body = { q: "x", attributesToRetrieve: ["id"] };
  expect(await (await post("/indexes/films/search", body, "score")).json()).toMatchObject({
    hits: [{ id: 0 }, {}, {}, {}],
  });
  expect(JSON.parse(asked())).toMatchObject({ showRankingScore: true, attributesToRetrieve: ["id", "_miroir_seq"] });
  expect(asked()).not.toContain("showRankingScoreDetails");
  await post("/indexes/films/search", body, "rrf");
  expect(asked()).not.toContain("showRankingScore");
  await post("/multi-search", { queries: [{ indexUid: "films", ...body }] }, "details");
  expect(JSON.parse(asked())).toMatchObject({ showRankingScoreDetails: true, attributesToRetrieve: ["id"] });
});

test("the configured strategy holds for requests that name none", async () => {
  const { post, asked } = rig("score");
  const answer = await (await post("/indexes/films/search", { q: "x" })).text();
  expect(asked()).toContain('"showRankingScore":true');
  expect(answer).not.toContain("_rankingScore");
  await post("/indexes/films/search", { q: "x", sort: ["id:asc"] });
  expect(asked()).toContain('"showRankingScoreDetails":true');
});
