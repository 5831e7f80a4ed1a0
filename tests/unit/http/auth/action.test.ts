import { describe, expect, test } from "bun:test";
import { allowsTenantTokens, grantsAction, indexScope, isKeysAction } from "../../../../src/http/auth/action.ts";

describe("what an action in a key allows", () => {
  const allowed: [string, string][] = [
    ["*", "search"],
    ["*", "keys.delete"],
    ["*", "documents.*"],
    ["*.get", "search"],
    ["*.get", "indexes.get"],
    ["*.get", "fields.post"],
    ["*.get", "export"],
    ["documents.*", "documents.add"],
    ["indexes.*", "indexes.swap"],
    ["tasks.*", "tasks.compact"],
    ["settings.*", "settings.update"],
    ["search", "search"],
  ];
  const refused: [string, string][] = [
    ["*.get", "keys.get"],
    ["*.get", "chatCompletions"],
    ["*.get", "documents.add"],
    ["*.get", "indexes.create"],
    ["documents.*", "documents.*"],
    ["documents.*", "indexes.get"],
    ["search", "documents.get"],
    ["documents.get", "documents.add"],
    ["", "search"],
  ];
  for (const [granted, action] of allowed) {
    test(`${granted} allows ${action}`, () => expect(grantsAction([granted], action)).toBe(true));
  }
  for (const [granted, action] of refused) {
    test(`${granted} does not allow ${action}`, () => expect(grantsAction([granted], action)).toBe(false));
  }
  test("several grants add up and none gives nothing", () => {
    expect(grantsAction(["search", "documents.add"], "documents.add")).toBe(true);
    expect(grantsAction([], "search")).toBe(false);
  });
});

test("how actions are bound to indexes", () => {
  expect(["search", "tasks.get", "stats.get", "indexes.create"].map(indexScope)).toEqual(Array(4).fill("by_handler"));
  expect(["version", "dumps.create", "keys.get", "export"].map(indexScope)).toEqual(Array(4).fill("never"));
  expect(["documents.add", "settings.update", "indexes.delete"].map(indexScope)).toEqual(Array(3).fill("in_path"));
});

test("tenant tokens serve for searching and chatting only", () => {
  expect(["search", "chatCompletions"].every(allowsTenantTokens)).toBe(true);
  expect(["documents.get", "stats.get", "*"].some(allowsTenantTokens)).toBe(false);
});

test("keys actions are those that open mode keeps closed", () => {
  expect(["keys.get", "keys.create", "search"].map(isKeysAction)).toEqual([true, true, false]);
});
