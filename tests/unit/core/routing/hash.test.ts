/** The hash in production is the one the fixtures were made with, for every string and every shard count. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import xxhash from "xxhash-wasm";
import { hashSlice, hashText, remainder } from "../../../../src/core/routing/hash.ts";

const reference64 = await xxhash();
const encoder = new TextEncoder();

function reference(text: string): bigint {
  return reference64.h64Raw(Uint8Array.of(...encoder.encode(text), 0xff), 0n);
}

test("the known hashes come out, digit by digit", () => {
  const known = {
    "order:xyz": "787c9c1e8201248a",
    alpha: "c2fb932a876025e8",
    beta: "d66193869a9dfcdb",
    "user:12345": "432540795fb541cf",
    "product:abc": "cff49e817839ec58",
    "order:99999": "3b02f5b214437704",
    test: "2e9144fe90d9fdda",
    hello: "1fd6badd7bf258a6",
  };
  for (const [key, hash] of Object.entries(known)) expect(hashText(key).toString(16).padStart(16, "0")).toBe(hash);
});

test("any text, also with lone surrogates, hashes as in the xxhash-wasm package", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 600 }), (text) => {
      expect(hashText(text)).toBe(reference(text));
    }),
  );
  for (const text of ["", "\0", "\ud800", "a\udc00b", "é", "🦀"]) expect(hashText(text)).toBe(reference(text));
});

test("text of any length around the size of the scratch buffer hashes the same", () => {
  for (const length of [600, 682, 683, 2046, 2047, 2048, 2049, 10_000]) {
    expect(hashText("x".repeat(length))).toBe(reference("x".repeat(length)));
    const bytes = encoder.encode("x".repeat(length));
    expect(hashSlice(bytes, 0, length)).toBe(reference("x".repeat(length)));
  }
});

test("a slice hashes as its text does and is left as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.uint8Array(), fc.uint8Array(), (text, before, after) => {
      const key = encoder.encode(text);
      const bytes = Uint8Array.of(...before, ...key, ...after);
      const copy = bytes.slice();
      expect(hashSlice(bytes, before.length, before.length + key.length)).toBe(hashText(text));
      expect(bytes).toEqual(copy);
    }),
  );
});

test("the remainder in plain numbers equals the one of BigInt", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.integer({ min: 1, max: 2 ** 26 }), (hash, divisor) => {
      expect(remainder(hash, divisor)).toBe(Number(hash % BigInt(divisor)));
    }),
  );
});
