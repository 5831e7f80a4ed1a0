/** Dividing work by rendezvous: everybody agrees, shares are even, and a name that goes gives away only its own. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { ownerOf } from "../../../../src/core/routing/owner-of.ts";

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 });

test("the order in which the names are known makes no difference", () => {
  fc.assert(
    fc.property(fc.string(), names, (key, list) => {
      expect(ownerOf(key, list.toReversed())).toBe(ownerOf(key, list) as string);
      expect(list).toContain(ownerOf(key, list) as string);
    }),
  );
  expect(ownerOf("a", [])).toBeUndefined();
});

test("what does not belong to a name that goes stays where it is", () => {
  fc.assert(
    fc.property(fc.string(), names, (key, list) => {
      const owner = ownerOf(key, list);
      for (const gone of list) {
        if (gone === owner) continue;
        expect(
          ownerOf(
            key,
            list.filter((name) => name !== gone),
          ),
        ).toBe(owner as string);
      }
    }),
  );
});

test("three routers get about a third of the keys each", () => {
  const counts = new Map<string, number>();
  for (let key = 0; key < 3_000; key += 1) {
    const owner = ownerOf(`shard-${key}`, ["a", "b", "c"]) as string;
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
