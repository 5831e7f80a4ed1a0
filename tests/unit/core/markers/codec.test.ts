/** Markers keep their numbers, keep the order of their numbers, and are made of separators only. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  decodeSequence,
  decodeShard,
  encodeSequence,
  encodeShard,
  MARKER_ALPHABET,
  shardFilter,
  usesMarkerAlphabet,
} from "../../../../src/core/markers/codec.ts";

const shards = fc.integer({ min: 0, max: 65535 });
const sequences = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const encoder = new TextEncoder();

const signOf = (difference: number): number => Math.sign(difference);
const textOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byteOrder = (a: string, b: string): number => Buffer.compare(encoder.encode(a), encoder.encode(b));

describe("the alphabet", () => {
  test("has sixteen ascending characters of three bytes that no normalization touches", () => {
    expect(MARKER_ALPHABET).toHaveLength(16);
    expect(Array.from(MARKER_ALPHABET).sort().join("")).toBe(MARKER_ALPHABET);
    expect(encoder.encode(MARKER_ALPHABET)).toHaveLength(48);
    expect(MARKER_ALPHABET.normalize("NFKD").toLowerCase().trim()).toBe(MARKER_ALPHABET);
    expect(MARKER_ALPHABET).toMatch(/^\p{Po}+$/u);
    expect(MARKER_ALPHABET.slice(0, 4)).toBe("†‡•‣");
  });

  test("is found in a token that consists of nothing else", () => {
    expect(usesMarkerAlphabet([])).toBeNull();
    expect(usesMarkerAlphabet(["-", "_", "‖", "…", "S. O. S.", ""])).toBeNull();
    for (const character of MARKER_ALPHABET) {
      expect(usesMarkerAlphabet(["-", character, "†"])).toBe(character);
      expect(usesMarkerAlphabet(["-", character + character])).toBe(character + character);
      expect(usesMarkerAlphabet([`a${character}b`, ` ${character}`])).toBeNull();
    }
  });
});

describe("a shard marker", () => {
  test("has eight characters of the first four and decodes to its shard", () => {
    fc.assert(
      fc.property(shards, (shard) => {
        expect(encodeShard(shard)).toMatch(/^[†‡•‣]{8}$/u);
        expect(decodeShard(encodeShard(shard))).toBe(shard);
      }),
    );
    expect([0, 1, 65535].map((shard) => encodeShard(shard))).toEqual(["††††††††", "†††††††‡", "‣‣‣‣‣‣‣‣"]);
  });

  test("sorts as its shard does, by character and by byte", () => {
    fc.assert(
      fc.property(shards, shards, (a, b) => {
        expect(textOrder(encodeShard(a), encodeShard(b))).toBe(signOf(a - b));
        expect(byteOrder(encodeShard(a), encodeShard(b))).toBe(signOf(a - b));
      }),
    );
  });

  test("is refused in any other form", () => {
    for (const text of ["", "†", "†††††††", "†††††††††", "†††††††‸", "†††††††7", "12345678", "††††††† "]) {
      expect(decodeShard(text)).toBeNull();
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(decodeShard(text)).toBeNull();
      }),
    );
  });

  test("cannot be made of a number that is no shard", () => {
    for (const number of [-1, 65536, 1.5, Number.NaN]) expect(() => encodeShard(number)).toThrow("16 bits");
  });

  test("is quoted in the filter that restricts a node to some shards", () => {
    expect(shardFilter([])).toBe("_miroir_shard IN []");
    expect(shardFilter([0, 5])).toBe('_miroir_shard IN ["††††††††", "††††††‡‡"]');
  });
});

describe("a sequence marker", () => {
  test("has sixteen characters of the alphabet and decodes to its sequence", () => {
    fc.assert(
      fc.property(sequences, (seq) => {
        expect(encodeSequence(seq)).toMatch(new RegExp(`^[${MARKER_ALPHABET}]{16}$`, "u"));
        expect(decodeSequence(encodeSequence(seq))).toBe(seq);
      }),
    );
  });

  test("sorts as its sequence does, by character and by byte", () => {
    fc.assert(
      fc.property(sequences, fc.oneof(sequences, fc.constant(1n)), (a, b) => {
        const other = b === 1n ? (a === 0n ? 0n : a - 1n) : b;
        const expected = a < other ? -1 : a > other ? 1 : 0;
        expect(textOrder(encodeSequence(a), encodeSequence(other))).toBe(expected);
        expect(byteOrder(encodeSequence(a), encodeSequence(other))).toBe(expected);
      }),
    );
  });

  test("is refused in any other form", () => {
    for (const text of ["", "†".repeat(15), "†".repeat(17), `${"†".repeat(15)}x`, `${"†".repeat(15)}‖`]) {
      expect(decodeSequence(text)).toBeNull();
    }
  });

  test("cannot be made of a number that has more than 64 bits", () => {
    expect(() => encodeSequence(-1n)).toThrow("64 bits");
    expect(() => encodeSequence(2n ** 64n)).toThrow("64 bits");
  });
});
