import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ApiError } from "../../../../src/core/errors/api-error.ts";
import { describeJsonError } from "../../../../src/http/decode/describe-json-error.ts";
import { parseJson, requireJsonContentType } from "../../../../src/http/decode/json-body.ts";

/** What a real node of version 1.50 answers to these bodies. */
const REFUSED: readonly [string, string][] = [
  ["{", "EOF while parsing an object at line 1 column 1"],
  ["[", "EOF while parsing a list at line 1 column 1"],
  ['{"a":1,', "EOF while parsing a value at line 1 column 7"],
  ['{"a":1,}', "trailing comma at line 1 column 8"],
  ["{a:1}", "key must be a string at line 1 column 2"],
  ["[1,]", "trailing comma at line 1 column 4"],
  ["[1 2]", "expected `,` or `]` at line 1 column 4"],
  ["nulx", "expected ident at line 1 column 4"],
  ["-", "EOF while parsing a value at line 1 column 1"],
  ["01", "invalid number at line 1 column 2"],
  ["1.", "EOF while parsing a value at line 1 column 2"],
  ["1e999", "number out of range at line 1 column 5"],
  ['"\\x"', "invalid escape at line 1 column 3"],
  ['"a\nb"', "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"],
  ['\n\n  {"a" 1}', "expected `:` at line 3 column 8"],
  ["{} x", "trailing characters at line 1 column 4"],
  ["\ufeff{}", "expected value at line 1 column 1"],
  [" ", "EOF while parsing a value at line 1 column 1"],
  ['"\\udc00"', "lone leading surrogate in hex escape at line 1 column 7"],
  ["[".repeat(200), "recursion limit exceeded at line 1 column 128"],
];

describe("a JSON body", () => {
  for (const [body, reason] of REFUSED) {
    test(`${JSON.stringify(body.slice(0, 20))} is refused in the engine's words`, () => {
      expect(() => parseJson(Buffer.from(body))).toThrow(`The json payload provided is malformed. \`${reason}\`.`);
    });
  }

  test("bytes that are no UTF-8 are refused", () => {
    expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow("invalid unicode code point at line 1 column 3");
  });

  test("no body at all has a refusal of its own", () => {
    expect(() => parseJson(new Uint8Array(0))).toThrow("A json payload is missing.");
  });

  test("every JSON value comes through with its text", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (body) => {
        expect(parseJson(Buffer.from(body))).toEqual({ text: body, value: JSON.parse(body) as unknown });
      }),
    );
  });

  test("a broken text is always described, wherever it was cut or changed", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.string({ maxLength: 2 }), (body, at, change) => {
        const cut = at % (body.length + 1);
        const broken = Buffer.from(body.slice(0, cut) + change + body.slice(cut + 1));
        try {
          parseJson(broken);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
          if (broken.byteLength > 0) expect(describeJsonError(broken)).toMatch(/ at line \d+ column \d+$/);
        }
      }),
    );
  });
});

describe("the content type", () => {
  test("is JSON in any of its spellings", () => {
    for (const type of [
      "application/json",
      "application/json; charset=utf-8",
      "Application/JSON",
      "text/json",
      "application/vnd.api+json",
    ]) {
      expect(() => requireJsonContentType(type)).not.toThrow();
    }
  });

  test("is refused with 415 otherwise", () => {
    expect(() => requireJsonContentType(null)).toThrow(
      "A Content-Type header is missing. Accepted values for the Content-Type header are: `application/json`",
    );
    for (const type of ["text/plain", "json", "application/x-json", ""]) {
      expect(() => requireJsonContentType(type)).toThrow(
        `The Content-Type \`${type}\` is invalid. Accepted values for the Content-Type header are: \`application/json\``,
      );
    }
  });
});
