import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { encodeSequence } from "../../../../src/core/markers/codec.ts";
import { mergeSearch } from "../../../../src/core/merge/merge-search.ts";
import { hitsAsked } from "../../../../src/core/merge/merge-spec.ts";
import { readNodeAnswer, type NodeAnswer } from "../../../../src/core/merge/node-answer.ts";
import { placePins, type Placed } from "../../../../src/core/merge/place-pins.ts";
import { changedRule } from "../../../../src/core/search-rules/change-rule.ts";
import { pinTable } from "../../../../src/core/search-rules/pin-table.ts";
import { newestState, type RuleAction, type SearchRule } from "../../../../src/core/search-rules/search-rule.ts";
import { offsetSpec } from "./answers.ts";

const pins = (...positions: readonly number[]): readonly Placed<string>[] =>
  positions.map((position, i) => ({ hit: `p${i}`, position }));
const place = (count: number, placed: readonly Placed<string>[], from: number, to: number): string =>
  placePins(
    Array.from({ length: count }, (_, i) => String(i)),
    placed,
    { from, to },
  ).page.join(" ");

describe("one list, as a node with these rules shows it", () => {
  test("a pin stands at its position, and those of one position in the order of precedence", () => {
    expect(place(4, pins(1, 1, 3), 0, 20)).toBe("0 p0 p1 p2 1 2 3");
  });

  test("pins behind the end of the list close up to it", () => {
    expect(place(2, pins(40, 9), 0, 20)).toBe("0 1 p1 p0");
    expect(place(0, pins(40), 0, 20)).toBe("p0");
  });

  test("a pin that waits for its position holds up those behind it, and they are lost when the page ends before", () => {
    expect(place(12, pins(5, 0), 0, 3)).toBe("0 1 2");
    expect(place(12, pins(5, 0), 3, 6)).toBe("3 4 p0");
    expect(place(12, pins(5, 0), 0, 20)).toBe("p1 0 1 2 3 p0 4 5 6 7 8 9 10 11");
  });

  test("a page that no pin reaches counts from its own start, another from the start of the list", () => {
    const hits = ["0", "1", "2", "3", "4", "5"];
    expect(placePins(hits, pins(9), { from: 2, to: 4 }).counted).toEqual({ from: 2, to: 4 });
    expect(placePins(hits, pins(1), { from: 2, to: 4 }).counted).toEqual({ from: 0, to: 3 });
  });
});

describe("pins of several nodes", () => {
  const INDEX = "films";
  const documents = fc.uniqueArray(fc.record({ id: fc.nat(40), node: fc.nat(2) }), {
    selector: ({ id }) => id,
    maxLength: 30,
  });
  const action = fc.record({
    id: fc.nat(40),
    position: fc.constantFrom(0, 0, 1, 2, 5, 11, 60),
    elsewhere: fc.boolean(),
  });
  const rule = fc.record({ precedence: fc.nat(3), actions: fc.array(action, { maxLength: 4 }) });

  test("stand where one node with all documents has them, whatever the page", () => {
    fc.assert(
      fc.property(documents, fc.array(rule, { maxLength: 6 }), fc.nat(12), fc.nat(12), (all, rules, offset, limit) => {
        const known = rulesOf(rules);
        const table = pinTable(known.values(), INDEX);
        const spec = offsetSpec(offset, limit, table === undefined ? {} : { pins: { table, primaryKey: "id" } });
        const answers = [0, 1, 2].map((node) =>
          nodeAnswer(
            all.filter((document) => document.node === node).map(({ id }) => id),
            known,
            hitsAsked(spec),
          ),
        );
        const merged = mergeSearch({ answers, spec, requestUid: "r", metadata: null, withoutThreshold: null });
        expect(merged.kind).toBe("merged");
        const { hits } = JSON.parse((merged as { text: string }).text) as { hits: readonly { readonly id: number }[] };
        const ids = all.map(({ id }) => id);
        const window = { from: offset, to: offset + limit };
        const found = pinsFor(ids, known, ({ position }) => position);
        const organic = ids.filter((id) => !found.some(({ hit }) => hit === id)).sort((a, b) => a - b);
        expect(hits.map(({ id }) => id)).toEqual([...placePins(organic.slice(0, window.to), found, window).page]);
      }),
      { numRuns: 500 },
    );
  });

  interface Given {
    readonly precedence: number;
    readonly actions: readonly { readonly id: number; readonly position: number; readonly elsewhere: boolean }[];
  }

  function rulesOf(given: readonly Given[]): ReadonlyMap<string, SearchRule> {
    const rules = new Map<string, SearchRule>();
    for (const [i, { precedence, actions }] of given.entries()) {
      const written = actions.map(({ id, position, elsewhere }) => ({
        selector: { indexUid: elsewhere ? "books" : INDEX, id: String(id) },
        action: { type: "pin", position },
      }));
      const uid = `r${i}`;
      rules.set(uid, changedRule(rules, uid, JSON.stringify({ precedence, actions: written })).rule);
    }
    return rules;
  }

  /** As a node finds them: by precedence, then in the order in which the rules were made; each document once. */
  function pinsFor(
    ids: readonly number[],
    rules: ReadonlyMap<string, SearchRule>,
    position: (action: RuleAction) => number,
  ): readonly Placed<number>[] {
    const states = [...rules.values()].map((one) => newestState(one)!);
    const sorted = states.sort(
      (a, b) => Number(a.fields.precedence) - Number(b.fields.precedence) || a.place - b.place,
    );
    const found = new Map<number, Placed<number>>();
    for (const one of sorted.flatMap(({ actions }) => actions)) {
      const id = Number(one.id);
      if (one.indexUid !== INDEX || !ids.includes(id) || found.has(id)) continue;
      found.set(id, { hit: id, position: position(one) });
    }
    return [...found.values()];
  }

  function nodeAnswer(ids: readonly number[], rules: ReadonlyMap<string, SearchRule>, limit: number): NodeAnswer {
    const marks = pinsFor(ids, rules, ({ mark }) => mark);
    const organic = ids.filter((id) => !marks.some(({ hit }) => hit === id)).sort((a, b) => a - b);
    const { page } = placePins(organic.slice(0, limit), marks, { from: 0, to: limit });
    const hits = page.map((id) => {
      const mark = marks.find(({ hit }) => hit === id)?.position;
      const sequence = encodeSequence(BigInt(id));
      const organicDetails = { "_miroir_seq:asc": { order: 0, value: sequence } };
      const details = mark === undefined ? organicDetails : { pin: { order: 0, position: mark } };
      return { id, _miroir_seq: sequence, _rankingScoreDetails: details };
    });
    const tail = { query: "", processingTimeMs: 1, limit, offset: 0, estimatedTotalHits: ids.length };
    return readNodeAnswer(JSON.stringify({ hits, ...tail }))!;
  }
});
