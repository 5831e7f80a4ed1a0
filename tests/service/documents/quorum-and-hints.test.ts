/** What a write promises when nodes are away: the count, the header, and what is kept for them. */
import { describe, expect, test } from "bun:test";
import { shardOf } from "../../../src/core/routing/shard-of.ts";
import { addDocuments } from "../../../src/services/documents/add-documents.ts";
import { answered, unavailable } from "../../support/fake-node-client.ts";
import { refusalOf } from "../../support/rejection-of.ts";
import { addInput, createRig, type Rig, type RigNode } from "./write-rig.ts";

function nodesOf(rig: Rig): readonly (readonly [string, RigNode])[] {
  return [...rig.nodes];
}

function copies(rig: Rig, id: number): readonly string[] {
  return nodesOf(rig).flatMap(([, node]) => node.documents.get(String(id)) ?? []);
}

/** Steps until there is nothing left to bring; what the last step says. */
async function caughtUp(rig: Rig, nodeId: string): Promise<"idle" | "blocked"> {
  for (;;) {
    const step = await rig.hints.replayStep(nodeId);
    if (step !== "more") return step;
  }
}

describe("quorum", () => {
  test("every task that a node makes of a kept write is told, as the lanes tell it of the others", async () => {
    const taken: string[] = [];
    const rig = createRig({
      groups: 2,
      nodesPerGroup: 1,
      hintsDeps: { taken: ({ nodeId, taskUid, enqueuedAt }) => void taken.push(`${nodeId} ${taskUid} ${enqueuedAt}`) },
    });
    const away = rig.nodes.get("g1n0") as RigNode;
    away.client.down = true;
    for (const id of [1, 2]) await addDocuments(rig.deps, addInput(`[{"id":${id}}]`));
    away.client.down = false;
    // It is back with an empty disk, where its tasks begin anew.
    let taskUid = 0;
    const enqueuedAt = "2026-01-01T00:00:03Z";
    away.client.answerWith(({ method }) =>
      method === "GET" ? answered("g1n0", { results: [] }) : answered("g1n0", { taskUid: taskUid++, enqueuedAt }, 202),
    );
    expect(await caughtUp(rig, "g1n0")).toBe("idle");
    expect(taken).toEqual([`g1n0 0 ${enqueuedAt}`, `g1n0 1 ${enqueuedAt}`]);
  });

  test("one group down of two: the write holds, says so, and the missed part is brought in order later", async () => {
    const rig = createRig({ groups: 2, nodesPerGroup: 1 });
    const away = rig.nodes.get("g1n0") as RigNode;
    away.client.down = true;
    const first = await addDocuments(rig.deps, addInput('[{"id":1,"v":1}]'));
    expect(first.degraded).toBe(`groups=1; shards=${shardOf("1", 16)}`);
    expect(rig.tasks.get(first.task.uid)?.nodeTasks).toMatchObject([
      { nodeId: "g0n0", status: "enqueued" },
      { nodeId: "g1n0", status: "hinted", taskUid: null },
    ]);
    expect(rig.hints.pending("g1n0")).toBe(true);

    // Back, but not yet brought up to date: a new write must not overtake the old one.
    away.client.down = false;
    const second = await addDocuments(rig.deps, addInput('[{"id":1,"v":2}]'));
    expect(second.degraded).not.toBeNull();
    expect(away.writes).toHaveLength(0);

    expect(await caughtUp(rig, "g1n0")).toBe("idle");
    expect(away.writes.map(({ body }) => (JSON.parse(body) as { v: number }).v)).toEqual([1, 2]);
    expect(rig.hints.pending("g1n0")).toBe(false);
    expect(rig.replayed.map(({ uid, nodeId }) => ({ uid, nodeId }))).toEqual([
      { uid: first.task.uid, nodeId: "g1n0" },
      { uid: second.task.uid, nodeId: "g1n0" },
    ]);
    expect(copies(rig, 1)).toHaveLength(2);
    expect(copies(rig, 1)[0]).toBe(copies(rig, 1)[1] as string);
  });

  test("while a needed owner has to catch up, a write is refused before anything is sent or kept for later", async () => {
    const rig = createRig({ nodesPerGroup: 2, replicationFactor: 2 });
    const [away, other] = [...rig.nodes.values()] as [RigNode, RigNode];
    const [awayId] = [...rig.nodes.keys()] as [string];
    away.client.down = true;
    expect((await refusalOf(addDocuments(rig.deps, addInput('[{"id":1,"v":1}]')))).code).toBe("miroir_no_quorum");
    expect(rig.hints.states().get(awayId)?.count).toBe(1);
    const [sent, noted] = [other.writes.length, rig.tasks.size];

    away.client.down = false;
    for (let time = 0; time < 3; time += 1) {
      const error = await refusalOf(addDocuments(rig.deps, addInput('[{"id":1,"v":2}]')));
      expect([error.status, error.code]).toEqual([503, "miroir_no_quorum"]);
      expect(error.message).toContain(`\`${awayId}\``);
    }
    expect([other.writes.length, rig.tasks.size, rig.hints.states().get(awayId)?.count]).toEqual([sent, noted, 1]);

    expect(await caughtUp(rig, awayId)).toBe("idle");
    expect((await addDocuments(rig.deps, addInput('[{"id":1,"v":3}]'))).degraded).toBeNull();
  });

  test("no owner of a shard acknowledges: 503 naming the shards, the task has failed, nothing is kept", async () => {
    const rig = createRig();
    for (const [, node] of nodesOf(rig)) node.client.down = true;
    const error = await refusalOf(addDocuments(rig.deps, addInput('[{"id":1}]')));
    expect(error.code).toBe("miroir_no_quorum");
    expect(error.status).toBe(503);
    expect(error.message).toContain(String(shardOf("1", 16)));
    expect([...rig.tasks.values()].map(({ status }) => status)).toEqual(["failed"]);
    expect([...rig.hints.states()]).toEqual([]);
    expect(nodesOf(rig).some(([nodeId]) => rig.hints.pending(nodeId))).toBe(false);
  });

  test("one of two owners: 503, and what one owner has the other gets too", async () => {
    const rig = createRig({ nodesPerGroup: 2, replicationFactor: 2 });
    const away = rig.nodes.get("g0n1") as RigNode;
    away.client.down = true;
    expect((await refusalOf(addDocuments(rig.deps, addInput('[{"id":1}]')))).code).toBe("miroir_no_quorum");
    away.client.down = false;
    expect(await caughtUp(rig, "g0n1")).toBe("idle");
    expect(copies(rig, 1)).toHaveLength(2);
    expect(rig.replayed).toEqual([]);
  });

  test("a node that has everything takes writes at once, and reads only when it has carried it out", async () => {
    const rig = createRig({ groups: 2, nodesPerGroup: 1 });
    const late = rig.nodes.get("g1n0") as RigNode;
    late.client.down = true;
    await addDocuments(rig.deps, addInput('[{"id":1}]'));
    late.client.down = false;
    late.busy = true;
    expect(await caughtUp(rig, "g1n0")).toBe("blocked");
    expect([rig.hints.pending("g1n0"), rig.hints.behind("g1n0")]).toEqual([false, true]);
    expect((await addDocuments(rig.deps, addInput('[{"id":2}]'))).degraded).toBeNull();
    late.busy = false;
    expect(await caughtUp(rig, "g1n0")).toBe("idle");
    expect(rig.hints.behind("g1n0")).toBe(false);
    expect([...rig.hints.states().keys()]).toEqual([]);
  });

  test("of many writes that were kept unsent only the oldest is looked for before it is brought", async () => {
    const rig = createRig({ groups: 2, nodesPerGroup: 1 });
    const late = rig.nodes.get("g1n0") as RigNode;
    late.client.down = true;
    for (let id = 0; id < 10; id += 1) await addDocuments(rig.deps, addInput(`[{"id":${id}}]`));
    late.client.down = false;
    const before = late.client.sent.length;
    expect(await caughtUp(rig, "g1n0")).toBe("idle");
    const asked = late.client.sent.slice(before).filter(({ path }) => path.includes("indexUids="));
    expect(asked).toHaveLength(1);
    expect(late.documents.size).toBe(10);
  });

  test("a node that can be written to again while others are told gets nothing newer before the write is kept for it", async () => {
    const rig = createRig({ groups: 2, nodesPerGroup: 1 });
    const { promise: told, resolve } = Promise.withResolvers<void>();
    const first = rig.nodes.get("g0n0") as RigNode;
    const late = rig.nodes.get("g1n0") as RigNode;
    const send = first.client.send.bind(first.client);
    first.client.send = async (request, signal) => {
      if (request.method !== "GET") await told;
      return send(request, signal);
    };
    const fleet = { ...rig.deps.fleet, writable: (nodeId: string) => nodeId === "g0n0" };
    const older = addDocuments({ ...rig.deps, fleet }, addInput('[{"id":1,"v":"older"}]'));
    await rig.clock.settle();
    const newer = addDocuments(rig.deps, addInput('[{"id":1,"v":"newer"}]'));
    await rig.clock.settle();
    resolve();
    await Promise.all([older, newer]);
    expect(await caughtUp(rig, "g1n0")).toBe("idle");
    expect(copies(rig, 1)).toEqual([expect.stringContaining("newer"), expect.stringContaining("newer")]);
    expect(late.writes).toHaveLength(2);
  });

  test("what a node was being brought when it went away again may still come there", async () => {
    const strayed: string[] = [];
    const hintsDeps = { strayed: (nodeId: string) => void strayed.push(nodeId) };
    const rig = createRig({ groups: 2, nodesPerGroup: 1, hintsDeps });
    const late = rig.nodes.get("g1n0") as RigNode;
    late.client.down = true;
    await addDocuments(rig.deps, addInput('[{"id":1}]'));
    late.client.down = false;
    late.client.answerWith(({ method }) =>
      method === "GET" ? answered("g1n0", { results: [] }) : unavailable("g1n0", "timeout", true),
    );
    const stepping = caughtUp(rig, "g1n0");
    await rig.clock.advance(60_000);
    expect(await stepping).toBe("blocked");
    expect(strayed).toEqual(["g1n0"]);
  });

  test("a hint whose first sending arrived after all is not sent again", async () => {
    const rig = createRig({ groups: 2, nodesPerGroup: 1 });
    const late = rig.nodes.get("g1n0") as RigNode;
    late.client.answerWith(() => unavailable("g1n0", "timeout", true));
    const written = addDocuments(rig.deps, addInput('[{"id":1}]'));
    await rig.clock.advance(60_000);
    const { task } = await written;
    late.client.answerWith((request) => {
      expect(request.operation).toBe("tasks.list");
      if (request.path.includes("statuses=")) return answered("g1n0", { results: [] });
      const results = [{ uid: 55, customMetadata: task.miroirId, enqueuedAt: "" }];
      return { kind: "answered", nodeId: "g1n0", status: 200, text: JSON.stringify({ results }) };
    });
    expect(await caughtUp(rig, "g1n0")).toBe("idle");
    expect(rig.replayed).toEqual([{ uid: task.uid, nodeId: "g1n0", taskUid: 55 }]);
  });

  test("past the limits a node needs a repair, stays out of reads and gets no writes", async () => {
    const rig = createRig({ groups: 2, nodesPerGroup: 1, hints: { bytesMax: 10 } });
    const away = rig.nodes.get("g1n0") as RigNode;
    away.client.down = true;
    await addDocuments(rig.deps, addInput('[{"id":1}]'));
    away.client.down = false;
    expect(rig.hints.states().get("g1n0")).toEqual({ count: 0, bytes: 0, repair: "needed" });
    expect(await rig.hints.replayStep("g1n0")).toBe("blocked");
    expect(rig.hints.pending("g1n0")).toBe(true);
    await addDocuments(rig.deps, addInput('[{"id":2}]'));
    expect(away.writes).toEqual([]);
    expect(rig.events).toContain("hints.given_up");
  });

  test.each([
    ["another write is kept for it", (rig: Rig) => addDocuments(rig.deps, addInput('[{"id":2}]'))],
    ["it is back", (rig: Rig) => rig.hints.replayStep("g1n0")],
  ])(
    "what is kept for a node longer than allowed is given up: it needs a repair as soon as %s",
    async (_case, what) => {
      const rig = createRig({ groups: 2, nodesPerGroup: 1, hints: { ageMaxMs: 60_000 } });
      const away = rig.nodes.get("g1n0") as RigNode;
      away.client.down = true;
      await addDocuments(rig.deps, addInput('[{"id":1}]'));
      await rig.clock.advance(60_000);
      expect(rig.hints.states().get("g1n0")).toMatchObject({ count: 1, repair: "none" });
      await rig.clock.advance(1);
      await what(rig);
      expect(rig.hints.states().get("g1n0")).toEqual({ count: 0, bytes: 0, repair: "needed" });
      expect(away.writes).toEqual([]);
    },
  );
});
