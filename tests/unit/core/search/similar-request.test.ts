import { describe, expect, test } from "bun:test";

import { readSimilarRequest, similarQueryString } from "../../../../src/core/search/similar-request.ts";

function read(text: string): ReturnType<typeof readSimilarRequest> {
  return readSimilarRequest(JSON.parse(text), text);
}

describe("a body", () => {
  test("has the engine's defaults", () => {
    expect(read('{"id":7,"embedder":"own"}')).toEqual({
      kind: "request",
      request: {
        id: "7",
        embedder: "own",
        offset: 0,
        limit: 20,
        filter: undefined,
        attributesToRetrieve: null,
        retrieveVectors: false,
        showRankingScore: false,
        showRankingScoreDetails: false,
        showPerformanceDetails: false,
        rankingScoreThreshold: null,
      },
    });
  });

  test.each([
    ['{"id":9007199254740993,"embedder":"own"}', "9007199254740993"],
    ['{"id":"a-1_B","embedder":"own"}', "a-1_B"],
    ['{"id":1,"embedder":"own","id":-2}', "-2"],
  ])("%s names the document as it is stored", (text, id) => {
    expect(read(text)).toMatchObject({ request: { id } });
  });

  test.each([
    ['{"id":1.0,"embedder":"own"}', "id"],
    ['{"id":1e3,"embedder":"own"}', "id"],
    ['{"id":"a b","embedder":"own"}', "id"],
    ['{"id":null,"embedder":"own"}', "id"],
    ['{"embedder":"own"}', "id"],
    ['{"id":1}', "embedder"],
    ['{"id":1,"embedder":"own","limit":null}', "limit"],
    ['{"id":1,"embedder":"own","offset":-1}', "offset"],
    ['{"id":1,"embedder":"own","rankingScoreThreshold":1.1}', "rankingScoreThreshold"],
    ['{"id":1,"embedder":"own","q":"x"}', "q"],
    ["[]", "the body"],
  ])("%s is left to a node", (text, parameter) => {
    expect(read(text)).toEqual({ kind: "judge", parameter });
  });
});

test("a query string is read as the body it stands for, and what does not parse is left to a node", () => {
  const query = (text: string): unknown => similarQueryString(new URLSearchParams(text));
  expect(
    query("id=7&embedder=own&limit=3&filter=[%22a%20%3D%201%22]&attributesToRetrieve=a,b&showRankingScore=true"),
  ).toEqual({
    id: "7",
    embedder: "own",
    limit: 3,
    filter: ["a = 1"],
    attributesToRetrieve: ["a", "b"],
    showRankingScore: true,
  });
  expect(query("id=7&filter=a%20%3D%201&rankingScoreThreshold=0.5")).toEqual({
    id: "7",
    filter: "a = 1",
    rankingScoreThreshold: 0.5,
  });
  expect(query("id=7&limit=x")).toBeUndefined();
  expect(query("id=7&other=1")).toBeUndefined();
});
