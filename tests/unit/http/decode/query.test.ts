import { describe, expect, test } from "bun:test";
import { ApiError } from "../../../../src/core/errors/api-error.ts";
import { didYouMean } from "../../../../src/http/decode/did-you-mean.ts";
import { bool, commaSeparated, decodeQuery, text, unsigned } from "../../../../src/http/decode/query.ts";

const SPEC = {
  offset: unsigned("bad_request"),
  limit: unsigned("bad_request"),
  attributesToHighlight: text,
  withVectors: bool("bad_request"),
  fields: commaSeparated,
};

const decode = (query: string): unknown => decodeQuery(new URLSearchParams(query), SPEC);

function refusal(query: string): string {
  try {
    decode(query);
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
  return "accepted";
}

describe("a query string", () => {
  test("is decoded by the kind of each parameter, absent ones stay absent", () => {
    expect(decode("limit=7&withVectors=true&fields=a,%20b,c")).toEqual({
      limit: 7,
      withVectors: true,
      fields: ["a", "b", "c"],
    });
    expect(decode("")).toEqual({});
  });

  test("of a repeated parameter the last value counts", () => {
    expect(decode("limit=x&limit=1")).toEqual({ limit: 1 });
    expect(refusal("limit=1&limit=x")).toBe(
      "Invalid value in parameter `limit`: could not parse `x` as a positive integer",
    );
  });

  test("numbers beyond what a number holds are the largest it holds, beyond the engine's type an error", () => {
    expect(decode("limit=18446744073709551615")).toEqual({ limit: Number.MAX_SAFE_INTEGER });
    expect(refusal("limit=99999999999999999999")).toContain("could not parse");
    for (const value of ["-1", "", "1.0", "0x1", "1e3", "+5", "%zz"])
      expect(refusal(`limit=${value}`)).not.toBe("accepted");
  });

  test("the first offending parameter decides", () => {
    expect(refusal("foo=1&limit=x")).toContain("Unknown parameter `foo`");
    expect(refusal("limit=x&foo=1")).toContain("Invalid value in parameter `limit`");
  });

  test("an unknown parameter is refused, with a hint when one is near", () => {
    const accepted = "expected one of `offset`, `limit`, `attributesToHighlight`, `withVectors`, `fields`";
    expect(refusal("foo=1")).toBe(`Unknown parameter \`foo\`: ${accepted}`);
    expect(refusal("limi=1")).toBe(`Unknown parameter \`limi\`: did you mean \`limit\`? ${accepted}`);
    for (const name of ["toString", "__proto__", "", "limit[]"]) {
      expect(refusal(`${name}=1`)).toContain(`Unknown parameter \`${name}\``);
    }
  });

  test("a boolean is one of two words", () => {
    expect(refusal("withVectors=yes")).toBe(
      "Invalid value in parameter `withVectors`: could not parse `yes` as a boolean, expected either `true` or `false`",
    );
  });
});

test("hints follow the length of the word", () => {
  const words = ["q", "filter", "sort", "attributesToHighlight"];
  const cases: [string, string][] = [
    ["filler", "did you mean `filter`? "],
    ["sart", "did you mean `sort`? "],
    ["osrt", "did you mean `sort`? "],
    ["attributes_to_highlight", "did you mean `attributesToHighlight`? "],
    ["a", ""],
    ["query", ""],
    ["filterable", ""],
  ];
  for (const [word, hint] of cases) expect(didYouMean(word, words)).toBe(hint);
});
