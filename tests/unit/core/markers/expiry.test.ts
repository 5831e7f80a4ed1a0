/** The time at which a document expires, as a marker. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { encodeShard, MARKER_ALPHABET } from "../../../../src/core/markers/codec.ts";
import {
  decodeExpiry,
  encodeExpiry,
  EXPIRY_MAX,
  expiredFilter,
  expiryFilter,
  NEVER,
} from "../../../../src/core/markers/expiry.ts";

const times = fc.oneof(fc.integer({ min: 0, max: EXPIRY_MAX }), fc.constant(NEVER));

test("comes back, and texts compare as the times do, with never behind all of them", () => {
  fc.assert(
    fc.property(times, times, (a, b) => {
      const [x, y] = [encodeExpiry(a), encodeExpiry(b)];
      expect(decodeExpiry(x)).toBe(a);
      expect(x).toHaveLength(16);
      expect(x.split("").every((character) => MARKER_ALPHABET.includes(character))).toBe(true);
      expect(x < y).toBe(a < b);
      expect(Buffer.compare(Buffer.from(x), Buffer.from(y))).toBe(Math.sign(a === b ? 0 : a - b) as -1 | 0 | 1);
    }),
  );
});

test("nothing else is taken for one", () => {
  for (const text of [
    "",
    "1764500000000",
    encodeShard(3),
    `${encodeExpiry(7)}†`,
    MARKER_ALPHABET[15]!.repeat(15) + "†",
  ]) {
    expect(decodeExpiry(text)).toBeNull();
  }
});

test("what cannot be a time is not encoded", () => {
  for (const wrong of [-1, 1.5, EXPIRY_MAX + 1, Number.NaN]) expect(() => encodeExpiry(wrong)).toThrow();
});

test("filters name the marker and the shards", () => {
  expect(expiredFilter([1], 5)).toBe(
    `_miroir_shard IN ["${encodeShard(1)}"] AND _miroir_expires_at <= "${encodeExpiry(5)}"`,
  );
  expect(expiryFilter([5, 6])).toBe(`_miroir_expires_at IN ["${encodeExpiry(5)}", "${encodeExpiry(6)}"]`);
});
