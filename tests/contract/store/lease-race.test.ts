/** Two processes and one lease: one wins each race, and a holder that stood still past its end writes nothing any more. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { killAtExit, signalProcess } from "../../support/nodes-processes.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";
import { newTask } from "./new-task.ts";

const reason = noRedisReason();
const ROUNDS = 50;
const LONG_MS = 60_000;

interface Contender {
  readonly pid: number;
  tell(order: string): Promise<string>;
  end(): Promise<void>;
}

async function contender(url: string, run: string): Promise<Contender> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "lease-child.ts"), url, run], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  killAtExit(child);
  const answers = lines(child.stdout);
  const next = async (): Promise<string> => (await answers.next()).value ?? "";
  expect(await next()).toBe("ready");
  return {
    pid: child.pid,
    tell: async (order) => {
      await child.stdin.write(`${order}\n`);
      await child.stdin.flush();
      return next();
    },
    end: async () => {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  return undefined;
}

describe.skipIf(reason !== null)("two processes that want one lease", () => {
  let redis: TestRedis;
  let a: Contender;
  let b: Contender;
  beforeAll(async () => {
    redis = await startRedis();
    [a, b] = await Promise.all([contender(redis.url(), "a/1"), contender(redis.url(), "b/1")]);
  });
  afterAll(async () => {
    await Promise.all([a.end(), b.end()]);
    await redis.stop();
  });

  test(`in each of ${ROUNDS} races one wins, and the fence rises`, async () => {
    const wins = { a: 0, b: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const scope = `race-${round}`;
      const both = await Promise.all([a.tell(`acquire ${scope} ${LONG_MS}`), b.tell(`acquire ${scope} ${LONG_MS}`)]);
      expect(both.toSorted()).toEqual(["lease 1", "none"]);
      wins[both[0] === "none" ? "b" : "a"] += 1;
    }
    console.log(`won by a ${wins.a} times, by b ${wins.b} times`);
  });

  test("a holder that was stopped past the end of its lease and goes on prunes nothing and cannot renew", async () => {
    const store = await openRedisStore({ url: redis.url(), run: "c/1", emit: () => {} });
    for (let n = 0; n < 5; n += 1) await store.tasks.insert(newTask({ status: "succeeded", finishedAt: 1 }));
    expect(await a.tell("acquire prune 300")).toStartWith("lease");
    signalProcess(a.pid, "SIGSTOP");
    // Its order lies in the pipe while the lease runs out and goes to the other.
    const late = a.tell("prune prune 10");
    await Bun.sleep(400);
    expect(await b.tell(`acquire prune ${LONG_MS}`)).toBe("lease 2");
    signalProcess(a.pid, "SIGCONT");
    expect(await late).toBe("refused miroir_taken_over");
    expect(await a.tell("renew prune 1000")).toBe("renewed false");
    expect(await store.tasks.count()).toBe(5);
    expect(await b.tell("prune prune 10")).toBe("pruned 5");
    await store.close();
  });
});
