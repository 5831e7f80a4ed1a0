/** Redis keeps the contract, on a real server whose data are thrown away before each test. */
import { afterAll, beforeAll, describe, test } from "bun:test";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";
import { storeContract } from "./store-contract.ts";

const reason = noRedisReason();
if (reason !== null) {
  describe("redis store", () => test.skip(`skipped: ${reason}`, () => {}));
} else {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  storeContract("redis", () => ({
    open: async () => {
      await redis.command("FLUSHALL");
      return openRedisStore({ url: redis.url(), run: "run-1", emit: () => {} });
    },
    // What ends by itself does so by the server's own clock.
    pass: (durationMs) => Bun.sleep(durationMs + 5),
    cleanUp: async () => {},
  }));
}
