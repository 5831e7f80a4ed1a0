/**
 * Dynamic search rules through Miroir as on one node: the routes, the tasks, and where pins stand in searches of all
 * kinds. It needs the real engine: development nodes have no rules.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startPair, type Pair } from "../support/clients-pair.ts";
import { sameOn } from "../support/clients-same.ts";
import { nodeRequest, realEnginePath, type TestNode } from "../support/nodes.ts";
import { startMiroir, waitForEnd } from "../support/miroir.ts";
import { noRedisReason } from "../support/redis.ts";
import { startRouters } from "../support/routers.ts";
import { makeRules } from "../differential/generate-rules.ts";
import { createDice } from "../differential/random.ts";
import { makeFederation, makeSearch, RULE_WORLD, RULED_FILMS } from "../support/search-rule-requests.ts";

const TIMEOUT_MS = 300_000;
const UNTIL_MS = 150_000;
const SEEDS = [68, 6868];
const SEARCHES = 120;

describe.skipIf(realEnginePath() === null)("dynamic search rules", () => {
  let pair: Pair;
  const same = sameOn(() => pair);
  beforeAll(async () => {
    pair = await startPair(3, 2);
    for (const uid of RULE_WORLD.indexes) {
      await pair.load("PATCH", `/indexes/${uid}/settings`, {
        filterableAttributes: ["genre", "id", "year"],
        sortableAttributes: ["year"],
        embedders: { own: { source: "userProvided", dimensions: 2 } },
      });
      await pair.load("POST", `/indexes/${uid}/documents?primaryKey=id`, RULED_FILMS);
    }
  }, TIMEOUT_MS);
  afterAll(() => pair.stop());

  const pin = (id: string, position: number, indexUid = "films"): object => ({
    selector: { indexUid, id },
    action: { type: "pin", position },
  });
  const clear = async (): Promise<void> => void (await same("DELETE", "/dynamic-search-rules"));

  test(
    "the routes answer as those of a node, switched off and on, with every refusal and every task",
    async () => {
      const all = async (): Promise<void> => {
        await same("POST", "/dynamic-search-rules", {});
        await same("GET", "/dynamic-search-rules/sale");
        await same("PATCH", "/dynamic-search-rules/sale", { active: true });
        await same("DELETE", "/dynamic-search-rules/sale?customMetadata=why");
        await same("DELETE", "/dynamic-search-rules");
      };
      await all();
      await same("PATCH", "/experimental-features", { dynamicSearchRules: true });
      await all();
      const refused: readonly (readonly [string, string, unknown?])[] = [
        ["GET", "/dynamic-search-rules/a.b"],
        ["PATCH", "/dynamic-search-rules/sale", { colour: "red" }],
        ["PATCH", "/dynamic-search-rules/sale?colour=red", {}],
        ["PATCH", "/dynamic-search-rules/sale", []],
        ["PATCH", "/dynamic-search-rules/sale", { precedence: -1 }],
        ["PATCH", "/dynamic-search-rules/sale", { active: "yes" }],
        ["PATCH", "/dynamic-search-rules/sale", { description: 3 }],
        ["PATCH", "/dynamic-search-rules/sale", { conditions: { query: { isEmpty: true, words: "moon" } } }],
        ["PATCH", "/dynamic-search-rules/sale", { conditions: { time: { start: "soon" } } }],
        ["PATCH", "/dynamic-search-rules/sale", { actions: [pin("1", 4_294_967_296)] }],
        [
          "PATCH",
          "/dynamic-search-rules/sale",
          { actions: [{ selector: { id: 1 }, action: { type: "pin", position: 1 } }] },
        ],
        ["PATCH", "/dynamic-search-rules/sale", { actions: [{ selector: { id: "1" }, action: { type: "hide" } }] }],
        ["POST", "/dynamic-search-rules", { limit: "all" }],
        ["POST", "/dynamic-search-rules", { offset: -1 }],
        ["POST", "/dynamic-search-rules", { filter: { active: "yes" } }],
        ["POST", "/dynamic-search-rules", { filter: { query: 7 } }],
        ["POST", "/dynamic-search-rules"],
      ];
      for (const [method, path, body] of refused) {
        expect((await same(method, path, body)).status).toBeGreaterThanOrEqual(400);
      }
      expect((await same("POST", "/dynamic-search-rules", {})).body.total).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    "a rule reads back as the client wrote it, in lists as well, and changes field by field",
    async () => {
      const conditions = {
        query: { words: "red moon" },
        time: { start: "2020-01-01T00:00:00+02:00", end: "2099-01-01T00:00:00.5Z" },
        filter: { values: { genre: ["drama", "war"], year: 3 } },
      };
      await same("PATCH", "/dynamic-search-rules/sale", {
        precedence: 7,
        description: "Red sale",
        actions: [pin("7", 5)],
      });
      await same("PATCH", "/dynamic-search-rules/other", {
        conditions,
        actions: [pin("7", 5), pin("7", 90, "series")],
      });
      for (const change of [
        { active: false },
        { precedence: null, conditions },
        { actions: [pin("9", 1)] },
        { actions: null },
      ]) {
        await same("GET", "/dynamic-search-rules/sale");
        await same("PATCH", "/dynamic-search-rules/sale", change);
      }
      for (const body of [{ limit: 1 }, { offset: 1 }, { filter: { active: true } }, { filter: { query: "moon" } }]) {
        await same("POST", "/dynamic-search-rules", body);
      }
      await same("GET", "/tasks?types=dsrUpdate,dsrClear&limit=3");
      await same("DELETE", "/dynamic-search-rules/sale");
      await same("POST", "/dynamic-search-rules", {});
      await clear();
      await same("GET", "/dynamic-search-rules/other");
    },
    TIMEOUT_MS,
  );

  test(
    "trap 68: pins are positions in the global list, whichever nodes hold the documents, and precedence is that of all rules",
    async () => {
      // Seven documents that no node has all of, pinned against each other.
      const crowd = ["3", "11", "20", "29", "34", "47", "58"];
      for (const [i, id] of crowd.entries()) {
        const rule = { precedence: crowd.length - i, actions: [pin(id, i % 3)] };
        await same("PATCH", `/dynamic-search-rules/r${i}`, rule);
      }
      // The same document at the same position by two rules, with a third between them.
      await same("PATCH", "/dynamic-search-rules/twice", {
        precedence: 0,
        conditions: { query: { words: "moon" } },
        actions: [pin("3", 0), pin("58", 1000)],
      });
      for (const q of ["", "moon", "star", "nothing like it"]) {
        for (const page of [{}, { limit: 2 }, { offset: 3, limit: 4 }, { page: 2, hitsPerPage: 3 }, { limit: 200 }]) {
          await same("POST", "/indexes/films/search", { q, ...page, showRankingScoreDetails: true });
        }
      }
      await same("GET", "/indexes/films/search?q=moon&limit=5&attributesToRetrieve=name");
      await clear();
    },
    TIMEOUT_MS,
  );

  for (const seed of SEEDS) {
    test(
      `trap 68: rules and searches of seed ${seed} show what one node shows, federated ones as well`,
      async () => {
        const dice = createDice(seed);
        const rules = makeRules(dice, RULE_WORLD, "generated");
        await Promise.all(
          Object.entries(rules).map(([uid, rule]) =>
            pair.both(async (side) => {
              const { body } = await nodeRequest(side, "PATCH", `/dynamic-search-rules/${uid}`, rule);
              expect((await waitForEnd(side, body.taskUid)).status).toBe("succeeded");
            }),
          ),
        );
        for (let n = 0; n < SEARCHES; n += 1) {
          if (n % 3 === 0) await same("POST", "/multi-search", makeFederation(dice));
          else await same("POST", `/indexes/${dice.pick(RULE_WORLD.indexes)}/search`, makeSearch(dice));
        }
        await clear();
      },
      TIMEOUT_MS,
    );
  }

  test(
    "a hybrid search shows pins once, and its words alone settle it only as on one node",
    async () => {
      await same("PATCH", "/dynamic-search-rules/one", { precedence: 1, actions: [pin("3", 0), pin("29", 4)] });
      await same("PATCH", "/dynamic-search-rules/two", { precedence: 2, actions: [pin("34", 0), pin("47", 2)] });
      for (const semanticRatio of [0.2, 0.5, 0.8, 1]) {
        for (const page of [{ limit: 3 }, { limit: 20 }, { page: 2, hitsPerPage: 4 }]) {
          const hybrid = { embedder: "own", semanticRatio };
          await same("POST", "/indexes/films/search", { q: "red moon", hybrid, vector: [0.31, 0.77], ...page });
        }
      }
      await clear();
    },
    TIMEOUT_MS,
  );

  test(
    "a node that comes back empty is given the rules, and a router that starts again still knows where pins belong",
    async () => {
      await same("PATCH", "/dynamic-search-rules/low", { precedence: 9, actions: [pin("3", 0), pin("11", 0)] });
      await same("PATCH", "/dynamic-search-rules/high", { precedence: 1, actions: [pin("3", 2), pin("47", 0)] });
      const [first, , third] = pair.miroir.nodes as readonly [TestNode, TestNode, TestNode];
      const before = await rulesOf(first);
      expect(await rulesOf(third)).toBe(before);
      await third.loseDisk();
      await third.restart();
      await pair.miroir.kill();
      await pair.miroir.start();
      await until(async () => (await rulesOf(third)) === before);
      await same("POST", "/indexes/films/search", { q: "moon", showRankingScoreDetails: true });
      await same("GET", "/dynamic-search-rules/high");
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(realEnginePath() === null)("a rule while a node is away", () => {
  test(
    "is made and deleted without it where the policy goes on, and the node has what is left when it is back",
    async () => {
      const config = "  broadcast: { policy: available }\n";
      const miroir = await startMiroir({ nodes: 3, replicationFactor: 2, config });
      try {
        const third = miroir.nodes[2] as TestNode;
        const actions = (...places: readonly (readonly [string, number])[]): object => ({
          actions: places.map(([id, position]) => ({ selector: { id }, action: { type: "pin", position } })),
        });
        await miroir.request("PATCH", "/experimental-features", { dynamicSearchRules: true });
        await miroir.write("POST", "/indexes/films/documents?primaryKey=id", RULED_FILMS);
        await miroir.write("PATCH", "/dynamic-search-rules/gone", actions(["30", 1]));
        await third.kill();
        await until(async () => (await miroir.output()).includes("node.became_unhealthy"));
        await miroir.write("PATCH", "/dynamic-search-rules/kept", actions(["30", 0], ["7", 5], ["30", 2]));
        await miroir.write("DELETE", "/dynamic-search-rules/gone");
        await third.restart();
        await until(async () => (await rulesOf(third)) === (await rulesOf(miroir.nodes[0] as TestNode)));
        const { body } = await miroir.request("POST", "/dynamic-search-rules", {});
        expect(body.results).toMatchObject([{ uid: "kept", ...actions(["30", 0], ["7", 5], ["30", 2]) }]);
        const found = await miroir.request("POST", "/indexes/films/search", { limit: 7 });
        expect(found.body.hits.map(({ id }: { id: number }) => id)).toEqual([30, 0, 1, 2, 3, 7, 4]);
      } finally {
        await miroir.stop();
      }
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(realEnginePath() === null || noRedisReason() !== null)("rules and two routers", () => {
  test(
    "what one router has made the other places, and what the other deletes neither shows",
    async () => {
      const world = await startRouters({ leaseS: 60, nodes: 2, replicationFactor: 1, shards: 8 });
      try {
        const [a, b] = world.routers;
        await a.request("PATCH", "/experimental-features", { dynamicSearchRules: true });
        await a.write("POST", "/indexes/films/documents?primaryKey=id", RULED_FILMS);
        const action = { selector: { indexUid: "films", id: "30" }, action: { type: "pin", position: 2 } };
        await a.write("PATCH", "/dynamic-search-rules/one", { actions: [action] });
        const ids = async (router: typeof a): Promise<readonly number[]> => {
          const { body } = await router.request("POST", "/indexes/films/search", { limit: 4 });
          return body.hits.map(({ id }: { id: number }) => id);
        };
        for (const router of [a, b]) expect(await ids(router)).toEqual([0, 1, 30, 2]);
        expect((await b.request("GET", "/dynamic-search-rules/one")).body.actions).toEqual([action]);
        await b.write("DELETE", "/dynamic-search-rules/one");
        for (const router of [a, b]) expect(await ids(router)).toEqual([0, 1, 2, 3]);
      } finally {
        await world.stop();
      }
    },
    TIMEOUT_MS,
  );
});

async function rulesOf(node: TestNode): Promise<string> {
  const { body } = await nodeRequest(node, "POST", "/dynamic-search-rules", {});
  const rules = (body.results ?? []) as readonly { readonly uid: string; readonly actions: unknown }[];
  return JSON.stringify(rules.map(({ uid, actions }) => JSON.stringify([uid, actions])).toSorted());
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + UNTIL_MS; !(await isSo());) {
    expect(Date.now()).toBeLessThan(deadline);
    await Bun.sleep(250);
  }
}
