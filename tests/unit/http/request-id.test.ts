import { expect, test } from "bun:test";
import { requestId } from "../../../src/http/request-id.ts";
import type { Random } from "../../../src/platform/random.ts";

const random = { uuidV7: () => "made" } as Random;

test("a sane id is echoed", () => {
  for (const id of ["abc", "0190-ff:1/2=@+", "x".repeat(128)]) expect(requestId(id, random)).toBe(id);
});

test("an id that could forge a log line, or is too long, is replaced", () => {
  for (const id of [null, "", "a b", "a\nb", 'a"b', "a\\b", "\u00e9", "x".repeat(129)]) {
    expect(requestId(id, random)).toBe("made");
  }
});
