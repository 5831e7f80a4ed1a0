import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { scanBatch, type ScanOptions, type ScannedBatch } from "../../../../src/core/documents/scan-batch.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function scan(text: string, options: Partial<ScanOptions> = {}): ReturnType<typeof scanBatch> {
  return scanBatch(encoder.encode(text), {
    format: "json",
    primaryKey: "id",
    reservedFields: ["_miroir_shard", "_miroir_seq"],
    geo: false,
    embedders: [],
    partial: false,
    ...options,
  });
}

function good(text: string, options: Partial<ScanOptions> = {}): ScannedBatch {
  const result = scan(text, options);
  if (result.kind === "malformed") throw new TypeError(result.message);
  return result;
}

function slices(text: string, batch: ScannedBatch): string[] {
  const bytes = encoder.encode(text);
  return Array.from({ length: batch.count }, (_, i) =>
    decoder.decode(bytes.subarray(batch.bounds[i * 2], batch.bounds[i * 2 + 1])),
  );
}

const documents = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 50 }), fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 4 })))
    .map(([id, rest]) => ({ ...rest, id })),
);
const spacing = fc.constantFrom(undefined, 0, 1, "\t");

describe("the scanner and JSON.parse agree", () => {
  test("on every batch that JSON.stringify can make, and each slice is that document byte for byte", () => {
    fc.assert(
      fc.property(documents, spacing, (batch, space) => {
        const text = JSON.stringify(batch, null, space);
        const scanned = good(text);
        expect(scanned.problem).toBeNull();
        expect(slices(text, scanned).map((slice) => JSON.parse(slice) as unknown)).toEqual(
          JSON.parse(text) as unknown[],
        );
        expect(Array.from(scanned.idOf, (i) => scanned.ids[i])).toEqual(batch.map(({ id }) => String(id)));
      }),
    );
  });

  test("on the same documents as a stream, whatever separates them", () => {
    fc.assert(
      fc.property(documents, fc.constantFrom("\n", "", " \r\n\t"), (batch, separator) => {
        const lines = batch.map((document) => JSON.stringify(document));
        const text = lines.join(separator);
        expect(slices(text, good(text, { format: "ndjson" }))).toEqual(lines);
      }),
    );
  });

  test("on every text that is a small change away from a batch", () => {
    const change = fc.record({
      at: fc.nat(),
      remove: fc.nat({ max: 2 }),
      insert: fc.constantFrom(
        "",
        '"',
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "0",
        "-",
        ".",
        "e",
        "n",
        "\u0001",
        "u00",
        " ",
      ),
    });
    fc.assert(
      fc.property(documents, spacing, fc.array(change, { minLength: 1, maxLength: 3 }), (batch, space, changes) => {
        let text = JSON.stringify(batch, null, space);
        for (const { at, remove, insert } of changes) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + insert + text.slice(place + remove);
        }
        // Unpaired surrogates of the text itself cannot be sent at all.
        fc.pre(text.isWellFormed());
        expect(scan(text).kind === "scanned").toBe(takenByJsonParse(text));
      }),
      { numRuns: 2000 },
    );
  });
});

/** What the scanner must take: JSON.parse does, it is documents, and none of the three differences applies. */
function takenByJsonParse(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  if (!list.every((one) => typeof one === "object" && one !== null && !Array.isArray(one))) return false;
  let taken = true;
  JSON.stringify(value, (key, part: unknown) => {
    if (!key.isWellFormed() || (typeof part === "string" && !part.isWellFormed())) taken = false;
    return part;
  });
  return taken && !hasInfinity(value);
}

function hasInfinity(value: unknown): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasInfinity);
}

describe("a malformed body is refused in the engine's words", () => {
  const cases: readonly [string, string][] = [
    ["[1,2]", "trailing characters at line 1 column 4"],
    ["5", "data are neither an object nor a list of objects"],
    ['"x"', "data are neither an object nor a list of objects"],
    ["nul", "EOF while parsing a value at line 1 column 3"],
    ['{"id":1', "EOF while parsing an object at line 1 column 7"],
    ['{"id":1}x', "trailing characters at line 1 column 9"],
    ['[{"id":1}] x', "trailing characters at line 1 column 12"],
    ['[{"id":1},]', "trailing comma at line 1 column 11"],
    // A list is left at the first element that is no document.
    ["[1,]", "trailing comma at line 1 column 4"],
    ["[1]", "data are neither an object nor a list of objects"],
    ["[1 , 2]", "trailing characters at line 1 column 6"],
    ["[1,", "trailing characters at line 1 column 3"],
    ["[null1", "trailing characters at line 1 column 6"],
    ["[1", "EOF while parsing a list at line 1 column 2"],
    ['{"id":[12], ', "EOF while parsing a value at line 1 column 12"],
    ["-", "EOF while parsing a value at line 1 column 1"],
    ['{"id":1e', "EOF while parsing a value at line 1 column 8"],
    ["[-", "invalid number at line 1 column 2"],
    ['[{"id":1,}]', "key must be a string at line 1 column 10"],
    ['{"id":1,}', "trailing comma at line 1 column 9"],
    ['[{"id":[1,]}]', "expected value at line 1 column 11"],
    ['{"id":[1,]}', "trailing comma at line 1 column 10"],
    ['[{"id":1', "EOF while parsing an object at line 1 column 8"],
    ["  ", "EOF while parsing a value at line 1 column 2"],
    ["[", "EOF while parsing a list at line 1 column 1"],
    ['[{"id":1,\n"a":"x\ty"}]', "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 6"],
    ['[{"id":1,"a":"\\ud800"}]', "unexpected end of hex escape at line 1 column 21"],
    ['[{"id":1,"a":1e999}]', "number out of range at line 1 column 18"],
  ];
  for (const [text, reason] of cases) {
    test(JSON.stringify(text), () => {
      expect(scan(text)).toEqual({
        kind: "malformed",
        message: `The \`json\` payload provided is malformed. \`Couldn't serialize document value: ${reason}\`.`,
      });
    });
  }

  test("nesting is taken as deep as the engine can index it and no deeper", () => {
    const nested = (depth: number): string => `[{"id":1,"a":${"[".repeat(depth)}${"]".repeat(depth)}}]`;
    expect(scan(nested(127)).kind).toBe("scanned");
    expect(scan(nested(128)).kind).toBe("malformed");
    expect(scan(nested(100_000)).kind).toBe("malformed");
  });

  test("bytes that are not UTF-8 are refused", () => {
    const bytes = encoder.encode('[{"id":1,"a":"?"}]');
    bytes[14] = 0xff;
    const result = scanBatch(bytes, {
      format: "json",
      primaryKey: "id",
      reservedFields: [],
      geo: false,
      embedders: [],
      partial: false,
    });
    expect(result.kind).toBe("malformed");
  });
});
