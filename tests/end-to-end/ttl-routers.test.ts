/** Two routers divide the sweeps of expired documents between them, and one takes over all when the other dies. */
import { expect, test } from "bun:test";
import { storedOn, until, untilGone } from "../support/expiring.ts";
import type { TestMiroir } from "../support/miroir.ts";
import { noRedisReason } from "../support/redis.ts";
import { startRouters } from "../support/routers.ts";

const TIMEOUT_MS = 180_000;
const INDEXES = ["films", "books", "songs", "plays"] as const;
const EXPIRING = [0, 1, 2, 3, 4] as const;

async function load(router: TestMiroir): Promise<void> {
  const ends = Date.now() + 500;
  const documents = Array.from({ length: 10 }, (_unused, id) => ({
    id,
    ...(id < 5 ? { _miroir_expires_at: ends } : {}),
  }));
  for (const uid of INDEXES) await router.write("POST", `/indexes/${uid}/documents?primaryKey=id`, documents);
}

async function swept(router: TestMiroir): Promise<number> {
  const text = await (await fetch(router.metricsUrl)).text();
  const counts = [...text.matchAll(/^miroir_ttl_documents_expired_total\{[^}]*\} ([0-9.e+]+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

test.skipIf(noRedisReason() !== null)(
  "whichever router sweeps, every document goes once",
  async () => {
    const config = "  ttl: { enabled: true, sweep_interval_s: 1 }\n";
    const world = await startRouters({ leaseS: 10, nodes: 2, replicationFactor: 2, shards: 4, config });
    try {
      const [a, b] = world.routers;
      await load(a);
      for (const uid of INDEXES) await untilGone(a, uid, EXPIRING);
      const all = INDEXES.length * EXPIRING.length;
      await until(a, "all are counted", async () => (await swept(a)) + (await swept(b)) >= all);
      expect((await swept(a)) + (await swept(b))).toBe(all);

      await b.kill();
      await load(a);
      for (const uid of INDEXES) {
        await untilGone(a, uid, EXPIRING);
        for (const node of world.nodes) expect(await storedOn(node, uid)).toHaveLength(5);
      }
    } finally {
      await world.stop();
    }
  },
  TIMEOUT_MS,
);
