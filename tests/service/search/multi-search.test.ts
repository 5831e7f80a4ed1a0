import { expect, test } from "bun:test";

import { multiSearch, type IndexAuthority } from "../../../src/services/search/multi-search.ts";
import { refused } from "../../support/fake-node-client.ts";
import { createFleet, type FleetOptions } from "./fake-fleet.ts";

const owners: FleetOptions["owners"] = [[["a"], ["b"], ["a"], ["b"]]];
const everything: IndexAuthority = { allowsIndex: () => true, forcedFilter: () => undefined };

async function ask(body: unknown, options: Partial<FleetOptions> = {}, authority = everything): Promise<unknown> {
  const fleet = createFleet({ owners, ...options });
  const judgement = { method: "POST", path: "/multi-search", body: JSON.stringify(body) } as const;
  const input = { body, judgement, authority, includeMetadata: false };
  const result = await multiSearch(fleet.deps, input, new AbortController().signal);
  return JSON.parse(result.text);
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

test("answers stand in the order of the queries, each with its index, all with one request uid", async () => {
  const queries = [
    { indexUid: "films", limit: 1 },
    { indexUid: "films", offset: 1, limit: 2 },
  ];
  expect(await ask({ queries })).toMatchObject({
    results: [
      { indexUid: "films", hits: [{ id: 0 }], limit: 1, requestUid: "uuid-7" },
      { indexUid: "films", hits: [{ id: 1 }, { id: 2 }], offset: 1, requestUid: "uuid-7" },
    ],
  });
});

test("no queries give no answers", async () => {
  expect(await ask({ queries: [] })).toEqual({ results: [] });
});

test("a missing index is 400 here, and the message says which query it was", async () => {
  const queries = [{ indexUid: "films" }, { indexUid: "nowhere" }];
  expect(await failure(ask({ queries }))).toMatchObject({
    status: 400,
    code: "index_not_found",
    message: "Inside `.queries[1]`: Index `nowhere` not found.",
  });
});

test("an index that the credential may not see is refused before anything is asked", async () => {
  const some = { ...everything, allowsIndex: (uid: string) => uid !== "films" };
  expect(await failure(ask({ queries: [{ indexUid: "films" }] }, {}, some))).toMatchObject({
    status: 403,
    code: "invalid_api_key",
    message: "Inside `.queries[0]`: The provided API key is invalid.",
  });
});

test("what cannot be read is worded by a node that sees the whole request", async () => {
  const relay: FleetOptions["relay"] = () =>
    Promise.resolve(refused("r", 400, "bad_request", "Unknown field `x` inside `.queries[0]`"));
  expect(await failure(ask({ queries: [{ indexUid: "films", x: 1 }] }, { relay }))).toMatchObject({
    message: "Unknown field `x` inside `.queries[0]`",
  });
});

test("a number out of its range, and a value that only a node knows, are worded for a place in the whole request", async () => {
  const asked: string[] = [];
  const relay: FleetOptions["relay"] = (request) => {
    asked.push(request.path);
    const message = "Unknown value `xx` at `.queries[1].locales[0]`";
    return Promise.resolve(refused("r", 400, "invalid_search_locales", message));
  };
  const threshold = [{ indexUid: "films" }, { indexUid: "films", rankingScoreThreshold: -0.1 }];
  expect(await failure(ask({ queries: threshold }, { relay }))).toMatchObject({ status: 400 });
  const fleet = createFleet({ owners, relay });
  for (const node of Object.values(fleet.nodes)) {
    node.answerWith(() => refused(node.nodeId, 400, "invalid_search_locales", "Unknown value `xx` at `.locales[0]`"));
  }
  const body = { queries: [{ indexUid: "films", locales: ["xx"] }] };
  const judgement = { method: "POST", path: "/multi-search", body: JSON.stringify(body) } as const;
  const input = { body, judgement, authority: everything, includeMetadata: false };
  expect(await failure(multiSearch(fleet.deps, input, new AbortController().signal))).toMatchObject({
    body: { message: "Unknown value `xx` at `.queries[1].locales[0]`" },
  });
  expect(asked).toEqual(["/multi-search", "/multi-search"]);
});
