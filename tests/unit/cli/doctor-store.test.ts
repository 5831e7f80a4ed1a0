/** What the doctor makes of a store: a server that is away, that forgets, that evicts, and one that is as it should be. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { judgeStore } from "../../../src/cli/doctor-store.ts";
import { examineStore } from "../../../src/server/examine-store.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";

const levels = (exam: Parameters<typeof judgeStore>[0]) => judgeStore(exam).map(({ level }) => level);
const facts = { version: "7.0.0", schemaVersion: 1, routers: ["a"], risks: [] };

test("a file is left to the look at the disk", () => expect(judgeStore({ kind: "file" })).toEqual([]));

test("a good server is named with the routers that use it", () => {
  expect(judgeStore({ kind: "redis", facts })).toMatchObject([
    { level: "ok", finding: "Redis 7.0.0 answers; used by a." },
  ]);
});

test("what a server may lose is told with what helps", () => {
  const risks = [{ level: "problem" as const, finding: "It evicts.", advice: "Do not." }];
  expect(levels({ kind: "redis", facts: { ...facts, risks } })).toEqual(["ok", "problem"]);
});

describe.skipIf(noRedisReason() !== null)("a real server", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  const store = (url: string) => ({ task_store: { backend: "redis" as const, path: "", url } });

  test("tells what it is, and nothing is written to it", async () => {
    const exam = await examineStore(store(redis.url()));
    expect(exam).toMatchObject({
      kind: "redis",
      facts: { schemaVersion: null, routers: [], risks: [{ level: "warning" }] },
    });
    expect(await redis.command("DBSIZE")).toBe("0");
  });

  test("one that is not there is a problem, and its password is not told", async () => {
    const exam = await examineStore(store("redis://:secret-word@127.0.0.1:1/0"));
    expect(levels(exam)).toEqual(["problem"]);
    expect(JSON.stringify(judgeStore(exam))).not.toContain("secret-word");
  });
});
