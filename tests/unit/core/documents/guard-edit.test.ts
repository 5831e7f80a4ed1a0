/** What can be said of an edit function without running it; what it does to documents is tried on the real engine. */
import { describe, expect, test } from "bun:test";
import { clientEditMessage, guardEdit } from "../../../../src/core/documents/guard-edit.ts";
import { readEditFunction } from "../../../../src/core/documents/read-edit-function.ts";

describe("reading a function", () => {
  const cases: [string, Partial<ReturnType<typeof readEditFunction>>][] = [
    ["doc.title = doc.title.to_upper()", { returns: false, defines: false, exits: false, close: "" }],
    ["if doc.old { return; } doc.x = 1", { returns: true, defines: false }],
    ["fn up(x) { if x > 1 { return x; } x } doc.x = up(2)", { returns: false, defines: true }],
    ["doc.k = doc.k.map(|q| { return q * 2; })", { returns: false, defines: true }],
    ["doc.k = doc.k.map(|q| q * 2); return 1", { returns: true, defines: true }],
    ["if doc.a || doc.b | 1 { return }", { returns: true, defines: false }],
    ["let f = || 3;", { defines: true }],
    ["doc.return_to = 1; doc.x = doc.return", { returns: false }],
    ['doc.t = "return exit fn |x|"; // return\n/* return /* nested */ exit */', { returns: false, exits: false }],
    ["doc.t = `a ${if doc.x { return 1 } else { 2 }} return`", { returns: true }],
    ["doc.t = `fn return ${doc.x} exit`", { returns: false, defines: false, exits: false }],
    ['doc.t = #"say "return" now"#', { returns: false }],
    ["let c = '|'; doc.x = 'r'", { defines: false }],
    ["exit(1)", { exits: true }],
    ['Fn("exit").call()', { exits: true }],
    ["doc.x = 1 /* a /* b", { close: "*/*/" }],
  ];
  test.each(cases)("%p", (code, facts) => {
    expect(readEditFunction(code)).toMatchObject(facts);
  });
});

test("a message about a place tells the client's place", () => {
  const keep = "_secret";
  const { code } = guardEdit("doc.x = foo(1);\ndoc.y = 2", keep, 7n, null);
  const place = code.indexOf("foo") + 1;
  const message = `runtime error: no foo (line 1, position ${place}) (line 2, position 3)`;
  expect(clientEditMessage(message, keep, { evaluated: false, expiry: false })).toBe(
    "runtime error: no foo (line 1, position 9) (line 2, position 3)",
  );
});

test("what would skip the end of the guarded function is refused with a way out", () => {
  expect(() => guardEdit("exit()", "_k", null, null)).toThrow("Use `if` instead");
  expect(() => guardEdit("let f = |x| x; return f.call(1)", "_k", null, null)).toThrow("functions or closures");
});
