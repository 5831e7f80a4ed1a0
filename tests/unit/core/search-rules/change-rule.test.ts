import { describe, expect, test } from "bun:test";

import {
  changedRule,
  deletedRule,
  nodeBody,
  settledRule,
  withoutVersion,
} from "../../../../src/core/search-rules/change-rule.ts";
import { pinTable } from "../../../../src/core/search-rules/pin-table.ts";
import { newestState, type SearchRule } from "../../../../src/core/search-rules/search-rule.ts";

/** Rules as clients make them, one after the other. */
function make(...changes: readonly (readonly [uid: string, body: string])[]): Map<string, SearchRule> {
  const rules = new Map<string, SearchRule>();
  for (const [uid, body] of changes) rules.set(uid, changedRule(rules, uid, body).rule);
  return rules;
}

const pin = (id: string, position: number, index = ""): string =>
  `{"selector":{${index}"id":"${id}"},"action":{"type":"pin","position":${position}}}`;

describe("what the nodes are told", () => {
  test("only positions change: everything else stays as the client wrote it", () => {
    const rules = make(["other", `{"actions":[${pin("7", 3)}]}`]);
    const body = `{ "conditions":{"filter":{"values":{"price":1.0,"big":12345678901234567890}}}, "actions" : [ ${pin("7", 5)}, ${pin("8", 40)} ] }`;
    const change = changedRule(rules, "one", body);
    expect(change.body).toBe(body.replace('"position":5', '"position":1').replace('"position":40', '"position":0'));
    expect(newestState(change.rule)!.actions.map(({ position, mark }) => [position, mark])).toEqual([
      [5, 1],
      [40, 0],
    ]);
  });

  test("what no node would take is passed on as it is", () => {
    const bodies = [
      `{"actions":[${pin("7", -1)}]}`,
      `{"actions":[{"selector":{"id":7},"action":{"type":"pin","position":1}}]}`,
      `{"actions":[${pin("7", 4_294_967_296)}]}`,
      `{"actions":{}}`,
      `[1]`,
      `{"active":false}`,
    ];
    for (const body of bodies) expect(changedRule(new Map(), "one", body).body).toBe(body);
  });

  test("no two actions on documents of one id have the same mark, in whichever state of whichever rule", () => {
    const rules = make(
      ["a", `{"actions":[${pin("7", 3)},${pin("7", 4, '"indexUid":"films",')}]}`],
      ["b", `{"actions":[${pin("7", 3)}]}`],
      ["a", `{"actions":[${pin("7", 9)}]}`],
    );
    const marks = [...rules.values()].flatMap(({ versions }) =>
      versions.flatMap(({ rule }) => rule!.actions.map(({ mark }) => mark)),
    );
    expect(marks.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  test("a whole rule names every field, so that it replaces whatever is there", () => {
    const rules = make(
      ["a", `{"precedence":3,"description":"x","actions":[${pin("7", 3)}]}`],
      ["a", `{"precedence":null}`],
    );
    expect(nodeBody(newestState(rules.get("a")!)!)).toBe(
      `{"description":"x","precedence":null,"active":null,"conditions":null,"actions":[${pin("7", 0)}]}`,
    );
  });
});

describe("the states of a rule", () => {
  test("older ones stay until a newer one has been carried out", () => {
    const rule = make(["a", `{"active":true}`], ["a", `{"active":false}`], ["a", `{"description":"x"}`]).get("a")!;
    expect(rule.versions.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(settledRule(rule, 2)!.versions.map(({ version }) => version)).toEqual([2, 3]);
    expect(withoutVersion(rule, 2)!.versions.map(({ version }) => version)).toEqual([1, 3]);
    expect(newestState(rule)!.fields).toEqual({ active: "false", description: '"x"' });
  });

  test("a deleted rule is gone once that has been carried out, and then its place is free", () => {
    const rules = make(["a", "{}"], ["b", "{}"], ["c", "{}"]);
    const { rule, version } = deletedRule(rules.get("b"))!;
    expect(newestState(rule)).toBeNull();
    expect(settledRule(rule, version)).toBeNull();
    expect(withoutVersion(rule, version)).toEqual(rules.get("b")!);
    rules.delete("b");
    expect(newestState(changedRule(rules, "d", "{}").rule)!.place).toBe(1);
    expect(newestState(changedRule(rules, "a", "{}").rule)!.place).toBe(0);
    expect(deletedRule(undefined)).toBeNull();
  });
});

describe("what may be pinned in an index", () => {
  test("goes by precedence, and without one by the place of the rule", () => {
    const rules = make(
      ["late", `{"actions":[${pin("1", 0)}]}`],
      ["later", `{"actions":[${pin("2", 0)}]}`],
      ["first", `{"precedence":9,"actions":[${pin("3", 0)}]}`],
    );
    const table = pinTable(rules.values(), "films")!;
    const ranks = ["3", "1", "2"].map((id) => table.find(id, 0)!.rank);
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(table.find("4", 0)).toBeUndefined();
  });

  test("is nothing where no active rule names the index, and then a search costs what it did without rules", () => {
    const other = pin("1", 0, '"indexUid":"books",');
    expect(pinTable(make(["a", `{"actions":[${other}]}`]).values(), "films")).toBeUndefined();
    expect(pinTable(make(["a", `{"active":false,"actions":[${pin("1", 0)}]}`]).values(), "films")).toBeUndefined();
    expect(pinTable(make(["a", `{"actions":[${other}]}`]).values(), "books")?.most).toBe(1);
  });
});
