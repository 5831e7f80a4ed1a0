/** What the scanner finds in documents: their keys, the inferred key, and the fields it must judge. */
import { describe, expect, test } from "bun:test";
import { NEVER, UNSAID } from "../../../../src/core/markers/expiry.ts";
import { scanBatch, type ScanOptions, type ScannedBatch } from "../../../../src/core/documents/scan-batch.ts";

const encoder = new TextEncoder();

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

describe("keys", () => {
  const valid: readonly [string, string][] = [
    ["7", "7"],
    ['"7"', "7"],
    ["-5", "-5"],
    ["18446744073709551615", "18446744073709551615"],
    ["-9223372036854775808", "-9223372036854775808"],
    ['"a_B-9"', "a_B-9"],
    ['"\\u0061b"', "ab"],
    [`"${"x".repeat(511)}"`, "x".repeat(511)],
  ];
  for (const [json, id] of valid) {
    test(`${json.slice(0, 30)} identifies ${id.slice(0, 30)}`, () => {
      const batch = good(`[{"id":${json}}]`);
      expect(batch.problem).toBeNull();
      expect(batch.ids).toEqual([id]);
    });
  }

  const invalid: readonly [string, string][] = [
    ["-0", "-0.0"],
    ["1.0", "1.0"],
    ["1e3", "1000.0"],
    ["18446744073709551616", "1.8446744073709552e+19"],
    ["-9223372036854775809", "-9.223372036854776e+18"],
    ['"a b"', '"a b"'],
    ['""', '""'],
    ["null", "null"],
    ["[1]", "[1]"],
    ["{}", "{}"],
    ["true", "true"],
    ['"é"', '"é"'],
    [`"${"x".repeat(512)}"`, `"${"x".repeat(512)}"`],
  ];
  for (const [json, shown] of invalid) {
    test(`${json.slice(0, 30)} is refused and shown as the engine shows it`, () => {
      const { problem } = good(`[{"id":1},{"id":${json}}]`);
      expect(problem?.position).toBe(1);
      expect(problem?.code).toBe("invalid_document_id");
      expect(problem?.message).toStartWith(`Document identifier \`${shown}\` is invalid.`);
    });
  }

  test("an escaped key name is the key", () => {
    expect(good('[{"\\u0069d":3}]').ids).toEqual(["3"]);
  });

  test("of a key named twice the last counts in an array, as the engine reads it, and a stream is refused", () => {
    const array = good('[{"id":1,"id":2}]');
    expect(array.ids).toEqual(["2"]);
    expect(array.needsArray).toBe(true);
    expect(good('{"id":1,"id":2}', { format: "ndjson" }).problem).toEqual({
      position: 0,
      code: "invalid_document_id",
      message: 'Document have too many matching `id` attribute: `{"id":2}`.',
    });
  });

  test("a document without the key is named with its position", () => {
    expect(good('[{"id":1},{"a":1}]').problem).toEqual({
      position: 1,
      code: "missing_document_id",
      message: 'Document doesn\'t have a `id` attribute: `{"a":1}`.',
    });
  });

  test("a key deeper in the document is not the key", () => {
    expect(good('[{"a":{"id":1}}]').problem?.code).toBe("missing_document_id");
  });

  test("a dotted key is found flat, nested or half and half, and refused when it is there twice", () => {
    const options = { primaryKey: "a.b.c" };
    expect(good('[{"a":{"b":{"c":1}}},{"a.b":{"c":2}},{"a":{"b.c":3}},{"a.b.c":4}]', options).ids).toEqual([
      "1",
      "2",
      "3",
      "4",
    ]);
    expect(good('[{"a":{"b":{"c":1}},"a.b.c":2}]', options).problem?.code).toBe("invalid_document_id");
    expect(good('[{"a":{"b":1}}]', options).problem?.code).toBe("missing_document_id");
    expect(good('[{"a":5,"a.b.c":6}]', options).ids).toEqual(["6"]);
    expect(good('[{"a":{"b":{"c":1}},"a":{"b":{"c":2}}}]', options)).toMatchObject({ ids: ["2"], needsArray: true });
  });

  test("a malformed end wins over a bad document before it", () => {
    expect(scan('[{"a":1},{"id":1]').kind).toBe("malformed");
  });
});

describe("inference", () => {
  test("the one name that ends in id is taken, whatever its case, from the first document", () => {
    expect(good('[{"a":1,"movieID":5},{"movieID":6,"id":7}]', { primaryKey: null })).toMatchObject({
      primaryKey: "movieID",
      ids: ["5", "6"],
      problem: null,
    });
  });

  test("none and several are refused with the engine's words", () => {
    expect(good('[{"a":3}]', { primaryKey: null }).problem?.code).toBe("index_primary_key_no_candidate_found");
    expect(good('[{"a":3,"zid":1,"bId":2,"cID":3}]', { primaryKey: null }).problem).toMatchObject({
      code: "index_primary_key_multiple_candidates_found",
      candidates: ["bId", "cID", "zid"],
    });
  });

  test("an empty batch has nothing to infer from and nothing to complain about", () => {
    expect(good("[]", { primaryKey: null })).toMatchObject({ count: 0, primaryKey: null, problem: null });
    expect(good(" \n ", { primaryKey: null, format: "ndjson" }).count).toBe(0);
  });
});

describe("fields the router looks at", () => {
  test("a reserved field is refused at the top level only, also under an escaped name", () => {
    expect(good('[{"id":1,"_miroir_shard":1}]').problem?.code).toBe("miroir_reserved_field");
    expect(good('[{"id":1,"\\u005fmiroir_seq":1}]').problem?.code).toBe("miroir_reserved_field");
    expect(good('[{"id":1,"a":{"_miroir_shard":1},"_miroir_other":2}]').problem).toBeNull();
  });

  test("_geo is judged only when the index uses it", () => {
    const text = '[{"id":1,"_geo":{"lat":1}}]';
    expect(good(text).problem).toBeNull();
    expect(good(text, { geo: true }).problem).toMatchObject({ code: "invalid_document_geo_field", late: true });
    expect(good('[{"id":1,"_geo":{"lat":"+5","lng":".5"}},{"id":2,"_geo":null}]', { geo: true }).problem).toBeNull();
  });

  test("_vectors must be an object of vectors; counts are checked for configured embedders", () => {
    const embedders = [{ name: "e", dimensions: 2, userProvided: true }];
    const code = (vectors: string): string | undefined =>
      good(`[{"id":1,"_vectors":${vectors}}]`, { embedders }).problem?.code;
    expect(code('{"e":[1,2]}')).toBeUndefined();
    expect(code('{"e":[[1,2],[3,4]]}')).toBeUndefined();
    expect(code('{"e":null}')).toBeUndefined();
    expect(code('{"e":{"regenerate":false}}')).toBeUndefined();
    expect(code('{"e":[1]}')).toBe("invalid_vector_dimensions");
    expect(code('{"e":[1,"x"]}')).toBe("invalid_vectors_type");
    expect(code('{"e":{"embeddings":[1,2]}}')).toBe("invalid_vectors_type");
    expect(code("5")).toBe("invalid_vectors_type");
    expect(code("{}")).toBe("vector_embedding_error");
    expect(good('[{"id":1}]', { embedders }).problem?.code).toBe("vector_embedding_error");
    expect(good('[{"id":1}]', { embedders, partial: true }).problem).toBeNull();
  });
});

describe("the field that says when a document expires", () => {
  const expires = { expiryField: "ends" };
  const problem = (value: string) => good(`[{"id":1},{"id":2,"ends":${value}}]`, expires).problem;

  test("is read of every document, whatever its name is written like; of a repeated name the last counts", () => {
    const texts = [
      "",
      ',"ends":5',
      ',"ends":null',
      ',"\\u0065nds":9007199254740991',
      ',"ends":1,"ends":2',
      ',"ends":7.0',
    ];
    const batch = good(`[${texts.map((text, id) => `{"id":${id}${text},"x":{"ends":"no"}}`).join(",")}]`, expires);
    expect(batch.problem).toBeNull();
    expect([...batch.expiryOf!]).toEqual([UNSAID, 5, NEVER, 9007199254740991, 2, 7]);
    expect([
      ...good(`[${Array.from({ length: 300 }, (_unused, id) => `{"id":${id},"ends":${id}}`).join(",")}]`, expires)
        .expiryOf!,
    ]).toEqual(Array.from({ length: 300 }, (_unused, id) => id));
  });

  test("must be null or whole milliseconds, and what it is stands in the message", () => {
    for (const value of ['"2026-01-01"', "-1", "1.5", "1e12", "9007199254740992", "true", "[1]", '"5"', "{}"]) {
      expect(problem(value)).toMatchObject({ position: 1, code: "miroir_invalid_expiry" });
      expect(problem(value)?.message).toContain(`is \`${value}\``);
    }
    expect(problem(`"${"x".repeat(500)}"`)?.message.length).toBeLessThan(350);
  });

  test("is any other field where nothing expires", () => {
    const batch = good('[{"id":1,"_miroir_expires_at":"x","ends":"x"}]');
    expect(batch).toMatchObject({ problem: null, expiryOf: null });
  });
});
