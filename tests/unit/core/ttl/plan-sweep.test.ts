/** Which expired documents one sweep takes, whatever there is. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { encodeShard } from "../../../../src/core/markers/codec.ts";
import { encodeExpiry } from "../../../../src/core/markers/expiry.ts";
import { planSweep, type Portion } from "../../../../src/core/ttl/plan-sweep.ts";

const portions = fc.uniqueArray(
  fc.record({ shard: fc.nat({ max: 4 }), expiresAt: fc.nat({ max: 6 }), documents: fc.integer({ min: 1, max: 9 }) }),
  { selector: ({ shard, expiresAt }) => `${shard} ${expiresAt}`, maxLength: 30 },
);

/** What a node would delete of a portion. */
function meets(filter: string, { shard, expiresAt }: Portion): boolean {
  return filter
    .split(" OR ")
    .some((part) => part.includes(`"${encodeShard(shard)}"`) && part.includes(`"${encodeExpiry(expiresAt)}"`));
}

test("the filter meets the earliest portions up to the limit, and at least one", () => {
  fc.assert(
    fc.property(portions, fc.integer({ min: 1, max: 40 }), (all, documentsMax) => {
      const plan = planSweep(all, documentsMax);
      if (plan === null) return expect(all).toEqual([]);
      const [taken, left] = [
        all.filter((one) => meets(plan.filter, one)),
        all.filter((one) => !meets(plan.filter, one)),
      ];
      const documents = taken.reduce((sum, one) => sum + one.documents, 0);
      expect(plan.documents).toBe(documents);
      expect(taken.length === 1 || documents <= documentsMax).toBe(true);
      expect(taken.length).toBeGreaterThan(0);
      const latest = Math.max(...taken.map(({ expiresAt }) => expiresAt));
      expect(left.every(({ expiresAt }) => expiresAt >= latest)).toBe(true);
      expect(plan.shards).toEqual([...new Set(taken.map(({ shard }) => shard))].toSorted((a, b) => a - b));
    }),
  );
});

test("of a time that does not fit as a whole only some shards are named", () => {
  const all = [0, 1, 2].map((shard) => ({ shard, expiresAt: 5, documents: 2 }));
  const plan = planSweep([...all, { shard: 1, expiresAt: 4, documents: 1 }], 5);
  expect(plan).toEqual({
    filter:
      `(_miroir_shard IN ["${encodeShard(1)}"] AND _miroir_expires_at IN ["${encodeExpiry(4)}"]) OR ` +
      `(_miroir_shard IN ["${encodeShard(0)}", "${encodeShard(1)}"] AND _miroir_expires_at IN ["${encodeExpiry(5)}"])`,
    shards: [0, 1],
    documents: 5,
  });
});
