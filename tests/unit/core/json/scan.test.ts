import { expect, test } from "bun:test";
import fc from "fast-check";

import { compareText } from "../../../../src/core/json/compare-text.ts";
import {
  decodeKey,
  endOfString,
  endOfValue,
  MALFORMED,
  readArray,
  readObject,
  skipSpace,
} from "../../../../src/core/json/scan.ts";

const spaced = fc.tuple(fc.jsonValue(), fc.constantFrom(0, 1, 3)).map(([value, indent]) => ({
  value,
  text: JSON.stringify(value, null, indent),
}));

test("the end of every JSON value is found, whatever follows it", () => {
  fc.assert(
    fc.property(spaced, fc.constantFrom("", ",", "]", "}", "\n"), ({ text }, behind) => {
      expect(endOfValue(text + behind, 0)).toBe(text.length);
    }),
  );
});

test("the members of an object are the ones a parser sees, in the order of the text", () => {
  const objects = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
  fc.assert(
    fc.property(objects, fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const bounds: number[] = [];
      expect(readObject(text, 0, bounds)).toBe(text.length);
      const read = [];
      for (let i = 0; i < bounds.length; i += 4) {
        const key = decodeKey(text, bounds[i]!, bounds[i + 1]!);
        read.push([key, JSON.parse(text.slice(bounds[i + 2], bounds[i + 3]))]);
      }
      expect(read).toEqual(Object.entries(JSON.parse(text) as object));
    }),
  );
});

test("the elements of an array are the ones a parser sees", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (value) => {
      const text = JSON.stringify(value);
      const bounds: number[] = [];
      expect(readArray(text, 0, bounds)).toBe(text.length);
      const read = [];
      for (let i = 0; i < bounds.length; i += 2) read.push(JSON.parse(text.slice(bounds[i], bounds[i + 1])) as unknown);
      expect(read).toEqual(JSON.parse(text) as unknown[]);
    }),
  );
});

test("a container that is cut off anywhere is malformed", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (value, at) => {
      const text = JSON.stringify(value);
      expect(readObject(text.slice(0, at % text.length), 0, [])).toBe(MALFORMED);
    }),
  );
});

test.each([
  ['{"a":}'],
  ['{"a" 1}'],
  ['{"a":1 "b":2}'],
  ["{a:1}"],
  ['{"a":[1}}'],
  ['{"a":tru}'],
  ['{"a":1,}'],
  ['{"a":"line\nbreak"}'],
  ['{"a":<html>}'],
])("%s is malformed", (text) => {
  expect(readObject(text, 0, [])).toBe(MALFORMED);
});

test.each([
  ['"short"', 6],
  ['"a\\"b"', 5],
  ['"a\\\\"', 4],
  [`"${"x".repeat(100)}\\"${"y".repeat(50)}\\\\"`, 155],
  ['"open', MALFORMED],
  [`"${"x".repeat(100)}\\"`, MALFORMED],
])("the closing quote of %p is found past its escapes", (text, end) => {
  expect(endOfString(text, 0)).toBe(end);
});

test("white space between tokens is skipped and nothing else", () => {
  expect(skipSpace(" \n\r\t{", 0)).toBe(4);
  expect(skipSpace("\u00a0{", 0)).toBe(0);
});

test("texts compare in the order of their UTF-8 bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-composite" }), fc.string({ unit: "grapheme-composite" }), (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  expect(compareText("\u{10000}", "\uffff")).toBeGreaterThan(0);
});
