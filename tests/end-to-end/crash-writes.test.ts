/**
 * `kill -9` of a router at random instants while it takes writes, on each store: every task that was answered exists and
 * ends well, and no number is given twice. The suite runs a few rounds; `CRASH_WRITES_ROUNDS=1000` runs the thousand,
 * `CRASH_WRITES_STORE=redis` on one store only.
 */
import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { startMiroir, waitForEnd, type TestMiroir } from "../support/miroir.ts";
import { noRedisReason, startRedis, type TestRedis } from "../support/redis.ts";

const ROUNDS = Number(process.env["CRASH_WRITES_ROUNDS"] ?? 6);
const STORES = (process.env["CRASH_WRITES_STORE"] ?? "sqlite redis").split(" ");
const SEED = Number(process.env["CRASH_WRITES_SEED"] ?? Math.floor(Math.random() * 1_000_000));
const WRITERS = 4;
/** A router is killed after so many writes of its life at most, and so many milliseconds. */
const WRITES_MAX = 40;
const THEN_MAX_MS = 20;
const ROUND_BUDGET_MS = 20_000;
/** Then fleet and store begin anew: a development node grows slow with thousands of tasks. */
const ROUNDS_PER_FLEET = 100;
const OPEN = new Set(["enqueued", "processing"]);
/** A start that takes longer is told of with what the router said meanwhile; on a machine with time none takes a second. */
const SLOW_START_MS = 5_000;

let miroir: TestMiroir | undefined;
let redis: TestRedis | undefined;
afterAll(async () => {
  await miroir?.stop();
  await redis?.stop();
});

describe.each(STORES.map((store) => [store]))("a router on %s", (store) => {
  test.skipIf(store === "redis" && noRedisReason() !== null)(
    `${ROUNDS} times killed while it takes writes keeps what it answered (CRASH_WRITES_SEED=${SEED})`,
    () => crashAll(store),
    ROUNDS * ROUND_BUDGET_MS,
  );
});

interface Instant {
  /** After so many writes, */
  readonly writes: number;
  /** and so many milliseconds. */
  readonly thenMs: number;
}

async function crashAll(store: string): Promise<void> {
  const instant = fc.record({
    writes: fc.integer({ min: 1, max: WRITES_MAX }),
    thenMs: fc.double({ min: 0, max: THEN_MAX_MS, noNaN: true }),
  });
  const instants = fc.sample(instant, { numRuns: ROUNDS, seed: SEED });
  let [writes, answered, slowestMs] = [0, 0, 0];
  for (let start = 0; start < ROUNDS; start += ROUNDS_PER_FLEET) {
    redis = store === "redis" ? await startRedis({ durable: true }) : undefined;
    const options = redis === undefined ? {} : { store: `{ backend: redis, url: "${redis.url()}" }` };
    // The nodes are not what is tested, and development nodes cost less.
    const fleet = { nodes: 2, replicationFactor: 2, shards: 4, kind: "devnode" } as const;
    miroir = await startMiroir({ ...fleet, ...options });
    const done = await crash(miroir, instants.slice(start, start + ROUNDS_PER_FLEET));
    [writes, answered] = [writes + done.writes, answered + done.answered];
    slowestMs = Math.max(slowestMs, done.slowestMs);
    await miroir.stop();
    await redis?.stop();
    const rounds = Math.min(start + ROUNDS_PER_FLEET, ROUNDS);
    const told = `${writes} writes sent, ${answered} answered: all there and succeeded`;
    console.log(`${rounds} kills on ${store}, ${told}; slowest start ${Math.round(slowestMs)} ms`);
  }
}

async function crash(router: TestMiroir, instants: readonly Instant[]) {
  await router.write("POST", "/indexes", { uid: "crash", primaryKey: "id" });
  const answered = new Map<number, number>();
  const open = new Set<number>();
  let [writes, slowestMs] = [0, 0];
  const sent = (): number => writes;
  const writeUntilDead = async (writer: number, dead: AbortSignal): Promise<void> => {
    while (!dead.aborted) {
      writes += 1;
      const id = writes;
      const [method, path, body] =
        id % 40 === 39
          ? (["PATCH", "/indexes/crash/settings", { stopWords: [`w${id}`] }] as const)
          : id % 9 === 8
            ? (["POST", "/indexes/crash/documents/delete-batch", [id - 8]] as const)
            : (["POST", "/indexes/crash/documents", [{ id, writer }]] as const);
      const answer = await router.request(method, path, body).catch(() => undefined);
      if (answer === undefined) return;
      if (answer.status !== 202) continue;
      const uid = answer.body.taskUid as number;
      expect(answered.get(uid)).toBeUndefined();
      answered.set(uid, id);
      open.add(uid);
    }
  };
  for (const [round, { writes: wanted, thenMs }] of instants.entries()) {
    const until = writes + wanted;
    const dead = new AbortController();
    const writing = Array.from({ length: WRITERS }, (_, writer) => writeUntilDead(writer, dead.signal));
    while (sent() < until) await Bun.sleep(1);
    await Bun.sleep(thenMs);
    dead.abort();
    await router.kill();
    await Promise.all(writing);
    const startedMs = performance.now();
    await router.start();
    const tookMs = performance.now() - startedMs;
    if (tookMs > SLOW_START_MS) console.log(`a start took ${Math.round(tookMs)} ms:\n${await router.told()}`);
    slowestMs = Math.max(slowestMs, tookMs);
    if (round % 25 !== 24 && round !== instants.length - 1) continue;
    for (const uid of open) expect(await waitForEnd(router, uid)).toMatchObject({ uid, status: "succeeded" });
    open.clear();
  }
  const tasks = (await router.request("GET", "/tasks?limit=1000000")).body.results as TaskView[];
  for (const { uid, status } of tasks) if (OPEN.has(status)) await waitForEnd(router, uid);
  const ended = (await router.request("GET", "/tasks?limit=1000000")).body.results as TaskView[];
  const uids = new Set(ended.map(({ uid }) => uid));
  expect(uids.size).toBe(ended.length);
  expect([...answered.keys()].filter((uid) => !uids.has(uid))).toEqual([]);
  expect(ended.filter(({ status, uid }) => status !== "succeeded" && answered.has(uid))).toEqual([]);
  return { writes, answered: answered.size, slowestMs };
}

interface TaskView {
  readonly uid: number;
  readonly status: string;
}
