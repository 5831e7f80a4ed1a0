/** The wrappers around a node client, each alone: deadline, retry, limit, breaker. */
import { describe, expect, test } from "bun:test";
import type { NodeClient, NodeRequest } from "../../../src/nodes/node-client.ts";
import type { NodeOutcome } from "../../../src/nodes/node-outcome.ts";
import { withBreaker } from "../../../src/nodes/with-breaker.ts";
import { withDeadline } from "../../../src/nodes/with-deadline.ts";
import { withLimit } from "../../../src/nodes/with-limit.ts";
import { withRetry } from "../../../src/nodes/with-retry.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { answered, createFakeNodeClient, refused, unavailable } from "../../support/fake-node-client.ts";

const read: NodeRequest = { method: "GET", path: "/health", operation: "health", timeoutMs: 100, repeat: "safe" };
const write: NodeRequest = { ...read, method: "POST", repeat: "once" };

/** A node that answers only when told to, and notices when the request is given up. */
function hangingNode(): NodeClient & { answerAll(): void; readonly running: Set<() => void> } {
  const running = new Set<() => void>();
  return {
    nodeId: "n1",
    address: "http://n1.test",
    running,
    answerAll: () => running.forEach((answer) => answer()),
    send: (_request, signal) =>
      new Promise<NodeOutcome>((resolve) => {
        const answer = (): void => {
          running.delete(answer);
          resolve(answered("n1", {}));
        };
        running.add(answer);
        signal?.addEventListener("abort", () => {
          running.delete(answer);
          resolve(unavailable("n1", "aborted", true));
        });
      }),
  };
}

describe("deadline", () => {
  test("a node that stays silent ends as a timeout, and the request to it is given up", async () => {
    const clock = createFakeClock();
    const node = hangingNode();
    const pending = withDeadline(node, clock).send(read);
    await clock.advance(99);
    expect(node.running.size).toBe(1);
    await clock.advance(1);
    expect(await pending).toMatchObject({ kind: "unavailable", reason: "timeout", ambiguous: true });
    expect(node.running.size).toBe(0);
    expect(clock.pendingTimers()).toBe(0);
  });

  test("a caller who goes away is told apart from a timeout and leaves no timer behind", async () => {
    const clock = createFakeClock();
    const caller = new AbortController();
    const pending = withDeadline(hangingNode(), clock).send(read, caller.signal);
    caller.abort();
    expect(await pending).toMatchObject({ kind: "unavailable", reason: "aborted" });
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe("retry", () => {
  test("a broken connection is tried once more for a read and never for a write", async () => {
    const node = createFakeNodeClient("n1", () => unavailable("n1", "connection", true));
    await withRetry(node).send(read);
    expect(node.sent).toHaveLength(2);
    await withRetry(node).send(write);
    expect(node.sent).toHaveLength(3);
  });

  test("a node that refused the connection or answered is not asked again", async () => {
    for (const outcome of [unavailable("n1", "connection", false), refused("n1", 400, "x"), answered("n1", {})]) {
      const node = createFakeNodeClient("n1", () => outcome);
      expect(await withRetry(node).send(read)).toBe(outcome);
      expect(node.sent).toHaveLength(1);
    }
  });
});

describe("limit", () => {
  test("requests beyond the limit wait in order, and beyond the queue fail at once", async () => {
    const node = hangingNode();
    const limited = withLimit(node, { inFlightMax: 2, waitingMax: 1 });
    const first = [limited.send(read), limited.send(read), limited.send(read)];
    expect(node.running.size).toBe(2);
    expect(await limited.send(read)).toMatchObject({ kind: "unavailable", reason: "overloaded", ambiguous: false });
    node.answerAll();
    await Promise.resolve();
    while (node.running.size === 0) await Promise.resolve();
    node.answerAll();
    expect((await Promise.all(first)).map((outcome) => outcome.kind)).toEqual(["answered", "answered", "answered"]);
  });

  test("who gives up while waiting frees the place in the queue and was never sent", async () => {
    const node = hangingNode();
    const limited = withLimit(node, { inFlightMax: 1, waitingMax: 1 });
    const running = limited.send(read);
    const caller = new AbortController();
    const waiting = limited.send(write, caller.signal);
    caller.abort();
    expect(await waiting).toMatchObject({ reason: "aborted", ambiguous: false });
    const next = limited.send(read);
    node.answerAll();
    await running;
    while (node.running.size === 0) await Promise.resolve();
    node.answerAll();
    expect((await next).kind).toBe("answered");
  });
});

describe("breaker", () => {
  const options = { failuresToOpen: 3, pauseMinMs: 100, pauseMaxMs: 300 };

  test("opens after failures in a row, lets one trial through after the pause, closes on success", async () => {
    const clock = createFakeClock();
    const node = createFakeNodeClient("n1", () => answered("n1", {}));
    const opened: number[] = [];
    const guarded = withBreaker(node, options, clock, (_kind, fields) => opened.push(Object.keys(fields).length));
    node.down = true;
    for (let i = 0; i < 3; i += 1) await guarded.send(read);
    expect(opened).toHaveLength(1);
    expect(await guarded.send(read)).toMatchObject({ reason: "breaker_open", ambiguous: false });
    expect(node.sent).toHaveLength(3);

    await clock.advance(100);
    await guarded.send(read);
    expect(node.sent).toHaveLength(4);
    await clock.advance(199);
    expect(await guarded.send(read)).toMatchObject({ reason: "breaker_open" });
    await clock.advance(1);
    node.down = false;
    expect((await guarded.send(read)).kind).toBe("answered");
    expect((await guarded.send(read)).kind).toBe("answered");
  });

  test("a node that says no is alive and never opens it", async () => {
    const node = createFakeNodeClient("n1", () => refused("n1", 400, "invalid_search_filter"));
    const guarded = withBreaker(node, options, createFakeClock(), () => {});
    for (let i = 0; i < 10; i += 1) expect((await guarded.send(read)).kind).toBe("refused");
  });

  test("while open only one trial runs at a time", async () => {
    const clock = createFakeClock();
    const node = hangingNode();
    let failing = true;
    const inner: NodeClient = {
      ...node,
      send: (request, signal) =>
        failing ? Promise.resolve(unavailable("n1", "timeout", true)) : node.send(request, signal),
    };
    const guarded = withBreaker(inner, options, clock, () => {});
    for (let i = 0; i < 3; i += 1) await guarded.send(read);
    failing = false;
    await clock.advance(100);
    const trial = guarded.send(read);
    expect(await guarded.send(read)).toMatchObject({ reason: "breaker_open" });
    node.answerAll();
    expect((await trial).kind).toBe("answered");
  });

  test("what insists is sent while it is open, and closes it when the node answers", async () => {
    const clock = createFakeClock();
    const node = createFakeNodeClient("n1", () => answered("n1", {}));
    const guarded = withBreaker(node, options, clock, () => {});
    node.down = true;
    for (let i = 0; i < 3; i += 1) await guarded.send(read);
    expect(await guarded.send({ ...read, insists: true })).toMatchObject({ reason: "connection" });
    expect(node.sent).toHaveLength(4);
    expect(await guarded.send(read)).toMatchObject({ reason: "breaker_open" });
    node.down = false;
    expect((await guarded.send({ ...read, insists: true })).kind).toBe("answered");
    expect((await guarded.send(read)).kind).toBe("answered");
  });
});
