/**
 * Two routers before one fleet with a real Redis: what one has accepted the other serves, what must have one owner has
 * one, and the death of a router costs its clients nothing that was answered.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { noRedisReason } from "../support/redis.ts";
import { waitForEnd } from "../support/miroir.ts";
import { signalProcess } from "../support/nodes-processes.ts";
import { startRouters, type TestRouters } from "../support/routers.ts";

const reason = noRedisReason();
// Longer than the wait for one task, which a busy machine may use up.
setDefaultTimeout(180_000);

describe.skipIf(reason !== null)("two routers before one fleet", () => {
  let world: TestRouters;
  beforeAll(async () => {
    world = await startRouters({ leaseS: 60, nodes: 3, replicationFactor: 2, shards: 8 });
  }, 60_000);
  afterAll(() => world.stop());

  test("an index made through one is there on the other as soon as its task has ended", async () => {
    const [a, b] = world.routers;
    for (let n = 0; n < 3; n += 1) {
      const uid = `made_${n}`;
      const task = await a.write("POST", "/indexes", { uid, primaryKey: "id" });
      expect(task).toMatchObject({ status: "succeeded", error: null });
      expect((await b.request("GET", `/indexes/${uid}`)).body).toMatchObject({ uid, primaryKey: "id" });
      await b.write("PATCH", `/indexes/${uid}/settings`, { stopWords: ["the"] });
      expect((await a.request("GET", `/indexes/${uid}/settings/stop-words`)).body).toEqual(["the"]);
      await a.write("DELETE", `/indexes/${uid}`);
      expect((await b.request("GET", `/indexes/${uid}`)).status).toBe(404);
    }
  });

  test("tasks of one are listed, followed and found by name on the other, and no number is given twice", async () => {
    const [a, b] = world.routers;
    await a.write("POST", "/indexes", { uid: "films", primaryKey: "id" });
    const accepted = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (n % 2 === 0 ? a : b).request("POST", "/indexes/films/documents", [{ id: n, title: `film ${n}` }]),
      ),
    );
    const uids = accepted.map((one) => one.body.taskUid as number);
    expect(accepted.map((one) => one.status)).toEqual(accepted.map(() => 202));
    expect(new Set(uids).size).toBe(40);
    for (const [n, uid] of uids.entries()) {
      const task = await waitForEnd(n % 2 === 0 ? b : a, uid);
      expect(task).toMatchObject({ uid, status: "succeeded", details: { receivedDocuments: 1 } });
    }
    const name = accepted[0]?.headers.get("x-miroir-task") as string;
    expect((await b.request("GET", `/tasks/${name}`)).body.uid).toBe(uids[0]);
    for (const router of [a, b]) {
      const found = await router.request("POST", "/indexes/films/search", { q: "film", limit: 100 });
      expect(found.body.hits).toHaveLength(40);
    }
  });

  test("both write the same documents at once: every replica ends with the same one of the two", async () => {
    const [a, b] = world.routers;
    await b.write("POST", "/indexes", { uid: "contested", primaryKey: "id" });
    const rounds = Array.from({ length: 20 }, (_, round) => round);
    const tasks = await Promise.all(
      rounds.flatMap((round) =>
        [a, b].map(async (router, side) => {
          const documents = Array.from({ length: 10 }, (_, id) => ({ id, side, round }));
          const answer = await router.request("POST", "/indexes/contested/documents", documents);
          expect(answer.status).toBe(202);
          return [router, answer.body.taskUid as number] as const;
        }),
      ),
    );
    for (const [router, uid] of tasks) expect((await waitForEnd(router, uid)).status).toBe("succeeded");
    const copies = new Map<number, Set<string>>();
    for (const node of world.nodes) {
      const { body } = await nodeDocuments(node, "contested");
      for (const { id, side, round } of body.results) {
        copies.set(id, (copies.get(id) ?? new Set()).add(`${side} ${round}`));
      }
    }
    expect(copies.size).toBe(10);
    for (const versions of copies.values()) expect(versions.size).toBe(1);
  });

  test("a key that was deleted through one opens nothing on the other any more", async () => {
    const [a, b] = world.routers;
    const key = { name: "k", actions: ["search"], indexes: ["films"], expiresAt: null };
    for (let n = 0; n < 3; n += 1) {
      const made = await a.request("POST", "/keys", key);
      expect(made.status).toBe(201);
      const asked = (): Promise<Response> =>
        fetch(`${b.url}/indexes/films/search`, { headers: { authorization: `Bearer ${made.body.key}` } });
      expect((await asked()).status).toBe(200);
      expect((await a.request("DELETE", `/keys/${made.body.uid}`)).status).toBe(204);
      expect((await asked()).status).toBe(403);
    }
  });

  test("each sees the other, and one of them leads each work that has one owner", async () => {
    const texts = await Promise.all(world.routers.map(async (router) => (await fetch(router.metricsUrl)).text()));
    for (const text of texts) expect(text).toContain("miroir_peer_router_count 2");
    const leaders = texts.filter((text) => text.includes('miroir_leader{scope="task-prune"} 1'));
    expect(leaders).toHaveLength(1);
  });

  test("settings changed through both at once all take effect, and both routers agree on the result", async () => {
    const [a, b] = world.routers;
    await a.write("POST", "/indexes", { uid: "set", primaryKey: "id" });
    const changes = [
      [a, { stopWords: ["a"] }],
      [b, { synonyms: { big: ["large"] } }],
      [a, { displayedAttributes: ["id"] }],
      [b, { stopWords: ["b"] }],
      [a, { rankingRules: ["words"] }],
    ] as const;
    const answers = await Promise.all(
      changes.map(([router, patch]) => router.request("PATCH", "/indexes/set/settings", patch)),
    );
    const order = answers.map((one) => one.body.taskUid as number);
    for (const uid of order) expect((await waitForEnd(b, uid)).status).toBe("succeeded");
    const last = (order[0] as number) > (order[3] as number) ? ["a"] : ["b"];
    for (const router of world.routers) {
      const { body } = await router.request("GET", "/indexes/set/settings");
      expect(body).toMatchObject({
        stopWords: last,
        synonyms: { big: ["large"] },
        displayedAttributes: ["id"],
        rankingRules: ["words"],
      });
    }
  });

  test("a router that is started again has nothing to tell the others, and waits for none of them", async () => {
    const [a, b] = world.routers;
    const version = () => world.redis.command("HGET", "miroir:versions", "catalog");
    const before = await version();
    await a.kill();
    // Its turns are its own again as soon as it is back, and it wants none of those of the other one.
    signalProcess(b.pid, "SIGSTOP");
    try {
      await a.start();
      expect(await version()).toBe(before);
    } finally {
      signalProcess(b.pid, "SIGCONT");
    }
  });
});

async function nodeDocuments(node: TestRouters["nodes"][number], uid: string) {
  const { nodeRequest } = await import("../support/nodes.ts");
  return nodeRequest(node, "GET", `/indexes/${uid}/documents?limit=1000`);
}
