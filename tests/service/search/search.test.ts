import { describe, expect, test } from "bun:test";

import { ApiError } from "../../../src/core/errors/api-error.ts";
import { answered, refused, unavailable } from "../../support/fake-node-client.ts";
import { answerFor, createFleet, entry, ids, searchAnswer, shardsAsked } from "./fake-fleet.ts";

/** RF 2 over three nodes: every shard has two owners. */
const replicated = [
  [
    ["a", "b"],
    ["b", "c"],
    ["c", "a"],
    ["a", "c"],
  ],
];
/** Two groups of two nodes, each complete. */
const twoGroups = [
  [["a"], ["a"], ["b"], ["b"]],
  [["x"], ["y"], ["x"], ["y"]],
];

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new TypeError("this fails");
}

test("a search is answered by all shards, each of them once", async () => {
  const fleet = createFleet({ owners: replicated });
  const result = await fleet.search({ q: "" });
  expect(ids(result)).toEqual([0, 1, 2, 3]);
  expect(JSON.parse(result.text)).toMatchObject({ estimatedTotalHits: 4, requestUid: "uuid-7" });
  expect(result).toMatchObject({ missingShards: [], settingsVersion: entry.settingsVersion });
});

describe("a node that does not answer", () => {
  test.each(["connection", "timeout", "server_error", "breaker_open", "overloaded"] as const)(
    "(%s) is replaced by the other owners of its shards",
    async (reason) => {
      const fleet = createFleet({ owners: replicated });
      fleet.nodes["a"]!.answerWith(() => unavailable("a", reason));
      const result = await fleet.search();
      expect(ids(result)).toEqual([0, 1, 2, 3]);
      expect(result.missingShards).toEqual([]);
      expect(fleet.nodes["a"]!.sent).toHaveLength(1);
      expect(fleet.events).toContain("read.retried");
    },
  );

  test("known to be away is not even asked", async () => {
    const fleet = createFleet({ owners: replicated });
    fleet.unreadable.add("a");
    expect(ids(await fleet.search())).toEqual([0, 1, 2, 3]);
    expect(fleet.nodes["a"]!.sent).toEqual([]);
  });

  test("in time keeps its shards where the policy forbids to try another", async () => {
    const fleet = createFleet({ owners: replicated, policy: { retryOnTimeout: false } });
    fleet.nodes["a"]!.answerWith(() => unavailable("a", "timeout"));
    const result = await fleet.search();
    expect(result.missingShards.length).toBeGreaterThan(0);
    expect(ids(result)).toEqual([0, 1, 2, 3].filter((shard) => !result.missingShards.includes(shard)));
  });

  test("with a whole group is replaced by the other group, and the answer is complete", async () => {
    const fleet = createFleet({ owners: twoGroups });
    for (const nodeId of ["a", "x"]) fleet.nodes[nodeId]!.down = true;
    for (let turn = 0; turn < 2; turn++) {
      const result = await fleet.search();
      // a holds 0 and 1, x holds 0 and 2: only shard 0 is gone.
      expect(ids(result)).toEqual([1, 2, 3]);
      expect(result.missingShards).toEqual([0]);
    }
  });

  test("leaves a gap under `partial`, although another group could fill it", async () => {
    const fleet = createFleet({ owners: twoGroups, policy: { unavailableShards: "partial" } });
    fleet.nodes["a"]!.down = true;
    fleet.nodes["x"]!.down = true;
    const result = await fleet.search();
    expect(result.missingShards).toHaveLength(2);
    expect(fleet.events).toContain("read.degraded");
  });

  test("is an error under `error`, which names the shards", async () => {
    const fleet = createFleet({ owners: [[["a"], ["b"], ["b"], ["a"]]], policy: { unavailableShards: "error" } });
    fleet.nodes["a"]!.down = true;
    const error = await failure(fleet.search());
    expect(error).toMatchObject({ status: 503, code: "miroir_shard_unavailable", retryAfterSeconds: 10 });
    expect(error.message).toContain("shards 0, 3 ");
  });

  test("and nobody else is an error under every policy: nothing is not an answer", async () => {
    const fleet = createFleet({ owners: replicated, policy: { unavailableShards: "partial" } });
    for (const node of Object.values(fleet.nodes)) node.down = true;
    expect(await failure(fleet.search())).toMatchObject({ status: 503, code: "miroir_shard_unavailable" });
  });
});

test("groups take turns", async () => {
  const fleet = createFleet({ owners: twoGroups });
  for (let turn = 0; turn < 4; turn++) await fleet.search();
  expect(Object.values(fleet.nodes).map((node) => node.sent.length)).toEqual([2, 2, 2, 2]);
});

describe("garbage", () => {
  test.each([
    ["an HTML page", "<html></html>"],
    ["another object", '{"status":"available"}'],
    ["an answer that breaks off behind its hits", '{"hits":[],"query":"","processingTimeMs":1'],
    ["hits that are none", '{"hits":[{"id":1}, 7],"query":"","processingTimeMs":1,"estimatedTotalHits":2}'],
    ["hits without details", '{"hits":[{"id":1}],"query":"","processingTimeMs":1,"estimatedTotalHits":1}'],
  ])("%s is as good as no answer", async (_name, text) => {
    const fleet = createFleet({ owners: replicated });
    fleet.nodes["b"]!.answerWith(() => answered("b", text));
    const result = await fleet.search();
    expect(ids(result)).toEqual([0, 1, 2, 3]);
    expect(fleet.nodes["b"]!.sent).toHaveLength(1);
  });

  test("from every node is an error and never an exception", async () => {
    const fleet = createFleet({ owners: replicated });
    for (const node of Object.values(fleet.nodes)) {
      node.answerWith(() =>
        answered(node.nodeId, '{"hits":[{],"query":"","processingTimeMs":1,"estimatedTotalHits":1}'),
      );
    }
    expect(await failure(fleet.search())).toMatchObject({ status: 503, code: "miroir_shard_unavailable" });
  });
});

describe("refusals", () => {
  test("what all nodes refuse is the client's error, in the node's words but without markers", async () => {
    const fleet = createFleet({ owners: replicated });
    const message = "Attribute `x` is not sortable. Available sortable attributes are: `_miroir_seq, a`.";
    for (const node of Object.values(fleet.nodes)) {
      node.answerWith(() => refused(node.nodeId, 400, "invalid_search_sort", message));
    }
    expect(await failure(fleet.search({ sort: ["x:asc"] }))).toMatchObject({
      status: 400,
      code: "invalid_search_sort",
      message: "Attribute `x` is not sortable. Available sortable attributes are: `a`.",
    });
  });

  test("an error in a filter is worded by a node that sees the client's filter alone", async () => {
    const asked: unknown[] = [];
    const fleet = createFleet({
      owners: replicated,
      relay: (request) => {
        asked.push(request.body);
        return Promise.resolve(refused("relay", 400, "invalid_search_filter", "1:3 here"));
      },
    });
    for (const node of Object.values(fleet.nodes)) {
      node.answerWith(({ operation }) =>
        operation === "judge"
          ? unavailable(node.nodeId, "connection")
          : refused(node.nodeId, 400, "invalid_search_filter", "1:90 there"),
      );
    }
    expect(await failure(fleet.search({ filter: "a ~" }))).toMatchObject({ message: "1:3 here" });
    expect(asked).toEqual(['{"filter":"a ~"}']);
  });

  test("and by the one that has seen the fault, as others may see none or another", async () => {
    const relay = () => Promise.resolve(refused("relay", 400, "invalid_search_sort", "another fault"));
    const fleet = createFleet({ owners: replicated, relay });
    for (const node of Object.values(fleet.nodes)) {
      node.answerWith(({ operation }) =>
        refused(node.nodeId, 400, "invalid_search_filter", operation === "judge" ? "1:3 here" : "1:90 there"),
      );
    }
    expect(await failure(fleet.search({ filter: "a ~" }))).toMatchObject({ message: "1:3 here" });
  });

  test("an index that the catalog has and a node has not is trouble of the node", async () => {
    const fleet = createFleet({ owners: replicated });
    fleet.nodes["c"]!.answerWith(() => refused("c", 404, "index_not_found"));
    expect(ids(await fleet.search())).toEqual([0, 1, 2, 3]);
  });

  test("a node that alone refuses is replaced by other owners", async () => {
    const fleet = createFleet({ owners: replicated });
    fleet.nodes["c"]!.answerWith(() => refused("c", 400, "invalid_search_sort"));
    const result = await fleet.search({ sort: ["x:asc"] });
    expect(ids(result)).toEqual([0, 1, 2, 3]);
    expect(result.missingShards).toEqual([]);
  });

  test("a fault in a filter that only some nodes come to evaluate is the client's error", async () => {
    const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]] });
    fleet.nodes["b"]!.answerWith(() => refused("b", 400, "invalid_search_filter", "2:3 there"));
    expect(await failure(fleet.search({ filter: ["year = 3", "x = 1"] }))).toMatchObject({ message: "2:3 there" });
    const others = createFleet({ owners: replicated });
    others.nodes["c"]!.answerWith(() => refused("c", 400, "invalid_search_filter"));
    expect(ids(await others.search({ filter: "x = 1" }))).toEqual([0, 1, 2, 3]);
  });

  test("a node that has not seen an attribute yet is asked without it", async () => {
    const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]] });
    fleet.nodes["b"]!.answerWith((request) =>
      (request.body as string).includes("meta_*")
        ? refused("b", 400, "invalid_search_attributes_to_search_on", "Attribute `meta_*` is not searchable.")
        : answerFor("b", [1, 3], request),
    );
    expect(ids(await fleet.search({ q: "x", attributesToSearchOn: ["title", "meta_*"] }))).toEqual([0, 1, 2, 3]);
    expect(JSON.parse(fleet.nodes["b"]!.sent[1]!.body as string)).toMatchObject({ attributesToSearchOn: ["title"] });
  });

  test("a node that has seen none of the attributes has no hits", async () => {
    const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]] });
    fleet.nodes["b"]!.answerWith(() =>
      refused("b", 400, "invalid_search_attributes_to_search_on", "Attribute `meta_*` is not searchable."),
    );
    const result = await fleet.search({ q: "x", attributesToSearchOn: ["meta_*"] });
    expect(ids(result)).toEqual([0, 2]);
    expect(result.missingShards).toEqual([]);
  });
});

describe("what the router cannot read", () => {
  test("is refused in a node's words", async () => {
    const fleet = createFleet({
      owners: replicated,
      relay: () => Promise.resolve(refused("relay", 400, "bad_request", "Unknown field `x`")),
    });
    expect(await failure(fleet.search({ x: 1 }))).toMatchObject({ status: 400, code: "bad_request" });
    expect(fleet.nodes["a"]!.sent).toEqual([]);
  });

  test("and a node would take is refused all the same: one node's answer is not the index's", async () => {
    const fleet = createFleet({ owners: replicated });
    const error = await failure(fleet.search({ brandNew: 1 }));
    expect(error).toMatchObject({ status: 501, code: "miroir_not_supported" });
    expect(error.message).toContain("`brandNew`");
  });
});

test("a client that goes away takes its node requests with it", async () => {
  const controller = new AbortController();
  const fleet = createFleet({ owners: replicated, signal: controller.signal });
  const aborted: string[] = [];
  for (const node of Object.values(fleet.nodes)) {
    node.answerWith(
      (_request, signal) =>
        new Promise((resolve) => {
          signal!.addEventListener("abort", () => {
            aborted.push(node.nodeId);
            resolve(unavailable(node.nodeId, "aborted"));
          });
        }),
    );
  }
  const pending = failure(fleet.search());
  const nodes = Object.values(fleet.nodes);
  for (let turn = 0; turn < 100 && nodes.every((node) => node.sent.length === 0); turn++) await Promise.resolve();
  controller.abort();
  expect(await pending).toMatchObject({ code: "miroir_request_timeout" });
  const asked = nodes.filter((node) => node.sent.length > 0);
  expect(aborted).toEqual(asked.map((node) => node.nodeId));
  expect(asked.every((node) => node.sent.length === 1)).toBe(true);
});

test("a full page under a score threshold is counted without it", async () => {
  const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]] });
  for (const node of Object.values(fleet.nodes)) {
    node.answerWith((request) => {
      const held = node.nodeId === "a" ? [0, 2] : [1, 3];
      const bare = !(request.body as string).includes("rankingScoreThreshold");
      const answer = searchAnswer(shardsAsked(request, held));
      return answered(node.nodeId, bare ? { ...answer, hits: [], estimatedTotalHits: 50 } : answer);
    });
  }
  const total = async (limit: number): Promise<unknown> =>
    JSON.parse((await fleet.search({ limit, rankingScoreThreshold: 0.5 })).text);
  expect(await total(2)).toMatchObject({ estimatedTotalHits: 100 });
  expect(await total(20)).toMatchObject({ estimatedTotalHits: 4 });
});

test("an unknown index is the engine's error", async () => {
  const fleet = createFleet({ owners: replicated });
  const { search } = await import("../../../src/services/search/search.ts");
  const { searchInput } = await import("./fake-fleet.ts");
  const error = await failure(search(fleet.deps, searchInput({}, "nowhere"), new AbortController().signal));
  expect(error).toMatchObject({ status: 404, code: "index_not_found", message: "Index `nowhere` not found." });
});
