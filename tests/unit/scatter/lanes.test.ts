import { describe, expect, test } from "bun:test";
import { ApiError } from "../../../src/core/errors/api-error.ts";
import type { NodeOutcome } from "../../../src/nodes/node-outcome.ts";
import { createLanes, DEFAULT_LANES_OPTIONS, type LanesOptions } from "../../../src/scatter/create-lanes.ts";
import { taskWithOperation } from "../../../src/scatter/lane-send.ts";
import type { LaneEntry } from "../../../src/scatter/lane.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import {
  answered,
  createFakeNodeClient,
  refused,
  unavailable,
  type FakeNodeClient,
} from "../../support/fake-node-client.ts";

/** A node that takes every write and lists what it took. */
function takingNode(nodeId: string): { client: FakeNodeClient; taken: string[] } {
  const taken: string[] = [];
  const client = createFakeNodeClient(nodeId, (request) => {
    if (request.operation === "tasks.list") return answered(nodeId, listed(taken));
    taken.push(request.path);
    return answered(nodeId, { taskUid: taken.length - 1, enqueuedAt: "2025-01-01T00:00:00Z" }, 202);
  });
  return { client, taken };
}

function listed(taken: readonly string[]): unknown {
  const results = taken.map((path, uid) => ({
    uid,
    enqueuedAt: "2025-01-01T00:00:00Z",
    customMetadata: path.slice(1),
  }));
  return { results: results.toReversed() };
}

function write(nodeId: string, name: string, more: Partial<LaneEntry> = {}): LaneEntry {
  return {
    nodeId,
    request: { method: "POST", path: `/${name}`, body: "{}", operation: "test", timeoutMs: 1000, repeat: "once" },
    operationId: name,
    ...more,
  };
}

function lanesOver(
  clients: readonly FakeNodeClient[],
  options: Partial<LanesOptions> = {},
  blocked = new Set<string>(),
) {
  const clock = createFakeClock();
  const byId = new Map(clients.map((client) => [client.nodeId, client]));
  const lanes = createLanes(
    {
      client: (nodeId) => byId.get(nodeId) as FakeNodeClient,
      clock,
      blocked: (nodeId) => blocked.has(nodeId),
    },
    { ...DEFAULT_LANES_OPTIONS, ...options },
  );
  return { lanes, clock, blocked };
}

/** Held back until the test lets it go. */
function gate(): { wait: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { wait: promise, open: resolve };
}

describe("order", () => {
  test("the next write of a lane is sent only when the one before is enqueued; another index does not wait", async () => {
    const { client, taken } = takingNode("a");
    const first = gate();
    client.answerWith(async (request) => {
      if (request.path === "/1") await first.wait;
      taken.push(request.path);
      return answered("a", { taskUid: taken.length, enqueuedAt: "" }, 202);
    });
    const { lanes, clock } = lanesOver([client]);
    const done = [lanes.submit("x", [write("a", "1")]), lanes.submit("x", [write("a", "2")])];
    await lanes.submit("y", [write("a", "3")]);
    await clock.settle();
    expect(taken).toEqual(["/3"]);
    first.open();
    await Promise.all(done);
    expect(taken).toEqual(["/3", "/1", "/2"]);
  });

  test("every node of a write gets the writes of an index in the same order", async () => {
    const nodes = ["a", "b", "c"].map(takingNode);
    const { lanes } = lanesOver(nodes.map(({ client }) => client));
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        lanes.submit(
          "x",
          nodes.map(({ client }) => write(client.nodeId, `w${i}`)),
        ),
      ),
    );
    for (const { taken } of nodes) expect(taken).toEqual(Array.from({ length: 20 }, (_, i) => `/w${i}`));
  });

  test("a write that is missed closes the node before the next one of the lane is looked at", async () => {
    const { client, taken } = takingNode("a");
    const blocked = new Set<string>();
    const { lanes } = lanesOver([client], {}, blocked);
    client.down = true;
    const first = lanes.submit("x", [
      write("a", "1", {
        onMissed: () => {
          blocked.add("a");
          client.down = false;
        },
      }),
    ]);
    const second = lanes.submit("x", [write("a", "2")]);
    expect((await first)[0]?.kind).toBe("missed");
    expect((await second)[0]?.kind).toBe("missed");
    expect(taken).toEqual([]);
  });
});

describe("what is left open by a failure is settled by asking the node", () => {
  test("found: it counts as enqueued and is not sent again", async () => {
    const { client, taken } = takingNode("a");
    client.answerWith((request) => {
      if (request.operation === "tasks.list") return answered("a", listed(taken));
      taken.push(request.path);
      return unavailable("a", "timeout", true);
    });
    const { lanes, clock } = lanesOver([client]);
    const outcome = lanes.submit("x", [write("a", "op")]);
    await clock.advance(1000);
    expect(await outcome).toEqual([{ kind: "enqueued", nodeId: "a", taskUid: 0, enqueuedAt: "2025-01-01T00:00:00Z" }]);
    expect(taken).toEqual(["/op"]);
  });

  test("absent twice: it is sent again, once", async () => {
    const { client, taken } = takingNode("a");
    let sends = 0;
    client.answerWith((request): NodeOutcome => {
      if (request.operation === "tasks.list") return answered("a", listed(taken));
      sends += 1;
      if (sends === 1) return unavailable("a", "connection", true);
      taken.push(request.path);
      return answered("a", { taskUid: 7, enqueuedAt: "" }, 202);
    });
    const { lanes, clock } = lanesOver([client]);
    const outcome = lanes.submit("x", [write("a", "op")]);
    await clock.advance(1000);
    expect(await outcome).toEqual([{ kind: "enqueued", nodeId: "a", taskUid: 7, enqueuedAt: "" }]);
    expect(client.sent.filter(({ operation }) => operation === "tasks.list")).toHaveLength(2);
  });

  test("a node that does not answer the question either has missed the write", async () => {
    const { client } = takingNode("a");
    client.answerWith((request) => unavailable("a", "timeout", request.operation !== "tasks.list"));
    const { lanes, clock } = lanesOver([client]);
    const outcome = lanes.submit("x", [write("a", "op")]);
    await clock.advance(10_000);
    expect((await outcome)[0]?.kind).toBe("missed");
    expect(client.sent.filter(({ operation }) => operation === "test")).toHaveLength(1);
  });

  test("a connection that was refused has brought nothing: no question, no second try", async () => {
    const { client } = takingNode("a");
    client.down = true;
    const { lanes } = lanesOver([client]);
    expect((await lanes.submit("x", [write("a", "op")]))[0]?.kind).toBe("missed");
    expect(client.sent).toHaveLength(1);
  });

  test("a refusal is final and carries the node's error", async () => {
    const { client } = takingNode("a");
    client.answerWith(() => refused("a", 400, "bad_request"));
    const { lanes } = lanesOver([client]);
    expect((await lanes.submit("x", [write("a", "op")]))[0]).toMatchObject({ kind: "refused", status: 400 });
  });
});

describe("limits", () => {
  test("a write that does not fit one of its nodes is refused before anything is submitted", async () => {
    const slow = takingNode("slow");
    const fast = takingNode("fast");
    const stall = gate();
    slow.client.answerWith(async () => {
      await stall.wait;
      return answered("slow", { taskUid: 1, enqueuedAt: "" }, 202);
    });
    const { lanes } = lanesOver([slow.client, fast.client], { entriesPerNodeMax: 2 });
    const pending = [lanes.submit("x", [write("slow", "1")]), lanes.submit("x", [write("slow", "2")])];
    let refusal: unknown;
    try {
      void lanes.submit("x", [write("fast", "3"), write("slow", "3")]);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ApiError);
    expect((refusal as ApiError).code).toBe("miroir_overloaded");
    expect((refusal as ApiError).retryAfterSeconds).toBeGreaterThan(0);
    expect(fast.taken).toEqual([]);
    expect(lanes.depth("slow")).toBe(2);
    stall.open();
    await Promise.all(pending);
    expect(lanes.depth("slow")).toBe(0);
  });

  test("bytes are bounded too, but a single large body passes when nothing waits", async () => {
    const { client } = takingNode("a");
    const stall = gate();
    client.answerWith(async () => {
      await stall.wait;
      return answered("a", { taskUid: 1, enqueuedAt: "" }, 202);
    });
    const { lanes } = lanesOver([client], { bytesPerNodeMax: 10 });
    const large = { ...write("a", "1").request, body: new Uint8Array(100) };
    const first = lanes.submit("x", [{ nodeId: "a", request: large }]);
    expect(() => void lanes.submit("x", [{ nodeId: "a", request: large }])).toThrow();
    stall.open();
    await first;
  });

  test("idle waits for the last write, or for its deadline", async () => {
    const { client } = takingNode("a");
    const stall = gate();
    client.answerWith(async () => {
      await stall.wait;
      return answered("a", { taskUid: 1, enqueuedAt: "" }, 202);
    });
    const { lanes, clock } = lanesOver([client]);
    const write1 = lanes.submit("x", [write("a", "1")]);
    const late = lanes.idle(500);
    await clock.advance(500);
    await late;
    const last = lanes.idle(60_000);
    stall.open();
    await write1;
    await last;
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe("looking for a task by its operation", () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const namedMs = 1_800_000_000_000;
  const operationId = `mtask-${namedMs
    .toString(16)
    .padStart(12, "0")
    .replace(/^(.{8})(.{4})$/, "$1-$2")}-7000-8000-000000000000`;

  /** `count` tasks of others, the newest first, one a second, and the one that is looked for among them. */
  function busyNode(count: number, newestMs: number, place: number | null, renamed = false) {
    const tasks = Array.from({ length: count }, (_, i) => ({
      uid: count - i,
      enqueuedAt: at(newestMs - i * 1_000),
      customMetadata: i === place ? operationId : `other-${i}`,
    }));
    return createFakeNodeClient("a", (request) => {
      const asked = new URL(request.path, "http://node.test").searchParams;
      if (asked.has("types")) return answered("a", { results: renamed ? [{ uid: 9 }] : [], next: null });
      // Listed under the name that the index has now.
      if (renamed && asked.has("indexUids")) return answered("a", { results: [], next: null });
      const from = Number(asked.get("from") ?? count);
      const rest = tasks.filter(({ uid }) => uid <= from);
      return answered("a", { results: rest.slice(0, 100), next: rest[100]?.uid ?? null });
    });
  }

  test("finds it behind any number of newer tasks", async () => {
    const client = busyNode(1_000, namedMs + 900_000, 870);
    expect(await taskWithOperation(client, "films", operationId, 1_000)).toMatchObject({
      kind: "enqueued",
      taskUid: 130,
    });
  });

  test("says that there is none once it has come to tasks from before its name was given", async () => {
    const client = busyNode(5_000, namedMs, null);
    expect(await taskWithOperation(client, "films", operationId, 1_000)).toBeNull();
    expect(client.sent.length).toBeLessThan(5);
  });

  test("finds it under another name, where indexes have changed their names since", async () => {
    const client = busyNode(300, namedMs + 900_000, 210, true);
    expect(await taskWithOperation(client, "films", operationId, 1_000)).toMatchObject({ taskUid: 90 });
  });
});
