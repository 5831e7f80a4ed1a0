import { describe, expect, test } from "bun:test";

import { MALFORMED, readObject } from "../../../../src/core/json/scan.ts";
import { encodeExpiry, NEVER } from "../../../../src/core/markers/expiry.ts";
import { renderHit, type HitView } from "../../../../src/core/merge/render-hit.ts";

const plain: HitView = { keepDetails: false, hasDerivedFields: false, dropFields: [], displayed: null };

function render(text: string, view: Partial<HitView> = {}): string {
  const bounds: number[] = [];
  if (readObject(text, 0, bounds) === MALFORMED) throw new TypeError("this is an object");
  return renderHit({ text, bounds }, { ...plain, ...view });
}

test("numbers, key order, escapes and duplicate keys pass as the node wrote them", () => {
  const kept = '"z":1.0,"9007199254740993":12345678901234567890,"e":1e2,"k\\u00e9":"\\/","d":1,"d":2';
  expect(render(`{${kept},"_miroir_shard":"††","_rankingScoreDetails":{}}`)).toBe(`{${kept}}`);
});

test("markers are cut wherever they stand", () => {
  expect(render('{"_miroir_shard":"†","a":1,"_miroir_seq":"‡","b":[1,{"_miroir_seq":1}],"_miroir_seq":"•"}')).toBe(
    '{"a":1,"b":[1,{"_miroir_seq":1}]}',
  );
  expect(render('{"_miroir_shard":"†"}')).toBe("{}");
});

test("when a document expires is cut where it is a marker, which its value says, and stays where it is a client's", () => {
  const [time, never] = [encodeExpiry(1_764_500_000_000), encodeExpiry(NEVER)];
  expect(render(`{"a":1,"_miroir_expires_at":"${time}","b":2}`)).toBe('{"a":1,"b":2}');
  expect(render(`{"a":1,"_miroir_expires_at" : "${never}"}`)).toBe('{"a":1}');
  for (const value of ["5", "null", '"5"', '"†‡"', '{"a":"†"}', `["${time}"]`]) {
    expect(render(`{"_miroir_expires_at":${value}}`)).toBe(`{"_miroir_expires_at":${value}}`);
  }
});

test("fields that only look like markers are the client's", () => {
  expect(render('{"_miroir_other":1,"miroir_seq":2}')).toBe('{"_miroir_other":1,"miroir_seq":2}');
});

describe("score details", () => {
  const details =
    '{"id":1,"_rankingScoreDetails":{"words":{"order":0,"score":1.0},"price:asc":{"order":1,"value":3},"_miroir_seq:asc":{"order":2,"value":"†"}}}';

  test("are cut when the client did not ask for them", () => {
    expect(render(details)).toBe('{"id":1}');
  });

  test("lose the hidden rule and nothing else", () => {
    expect(render(details, { keepDetails: true })).toBe(
      '{"id":1,"_rankingScoreDetails":{"words":{"order":0,"score":1.0},"price:asc":{"order":1,"value":3}}}',
    );
  });

  test("do not tell the value of a field that is not displayed", () => {
    expect(render(details, { keepDetails: true, displayed: ["id"] })).toBe(
      '{"id":1,"_rankingScoreDetails":{"words":{"order":0,"score":1.0},"<hidden-rule-1>":{"order":1,"value":"<hidden>"}}}',
    );
  });

  test("of the document itself stay: only the engine's own, which are last, are cut", () => {
    expect(render('{"_rankingScoreDetails":"mine","_rankingScoreDetails":{}}')).toBe('{"_rankingScoreDetails":"mine"}');
  });
});

test("markers and helper fields are cut from what the engine derives", () => {
  const hit =
    '{"id":1,"g":"x","_formatted":{"id":"1","g":"x","_miroir_seq":"†"},"_matchesPosition":{"id":[],"hidden":[]}}';
  expect(render(hit, { hasDerivedFields: true, dropFields: ["g"], cutFormatted: "g", displayed: ["id"] })).toBe(
    '{"id":1,"_formatted":{"id":"1"},"_matchesPosition":{"id":[]}}',
  );
});

test("nothing formatted is left out when only the router's own fields were", () => {
  const hit = '{"a":1,"_formatted":{"_miroir_seq":"†","g":"x"},"_matchesPosition":{}}';
  expect(render(hit, { hasDerivedFields: true, dropFields: ["g"], cutFormatted: "g" })).toBe(
    '{"a":1,"_matchesPosition":{}}',
  );
});

test("a field that only the merge retrieved stays where the client has it marked or its matches shown", () => {
  const hit = '{"id":1,"g":"x","_formatted":{"id":"1","g":"<em>x</em>"},"_matchesPosition":{"g":[]}}';
  expect(render(hit, { hasDerivedFields: true, dropFields: ["g"] })).toBe(
    '{"id":1,"_formatted":{"id":"1","g":"<em>x</em>"},"_matchesPosition":{"g":[]}}',
  );
});

test("a field whose own name has dots goes from both, and what is inside an object stays", () => {
  const hit = '{"m":{"b":1},"m.b":2,"_formatted":{"m":{"b":"1"},"m.b":"2"}}';
  const shown = { hasDerivedFields: true, dropFields: ["m.b"], dropFormatted: ["m.b"] };
  expect(render(hit, shown)).toBe('{"m":{"b":1},"_formatted":{"m":{"b":"1"}}}');
});

test("of a nested field that only the merge retrieved, what is formatted keeps the parts beside it", () => {
  const hit = '{"m":{"a":1,"b":2},"_formatted":{"m":{"a":"1","b":"2"}}}';
  expect(render(hit, { hasDerivedFields: true, dropFields: ["m"], cutFormatted: "m.b" })).toBe(
    '{"_formatted":{"m":{"a":"1"}}}',
  );
});

test("a nested primary key that only the merge retrieved goes with its object, or out of it where other parts are read", () => {
  const hit = '{"t":1,"m":{"id":5,"b":2},"m.id":5,"_formatted":{"t":"1","m":{"id":"5","b":"2"},"m.id":"5"}}';
  const derived = { hasDerivedFields: true } as const;
  expect(render(hit, { ...derived, hiddenKey: "m", hiddenKeyFormatted: "m" })).toBe('{"t":1,"_formatted":{"t":"1"}}');
  expect(render(hit, { ...derived, hiddenKey: "m.id", hiddenKeyFormatted: "m.id" })).toBe(
    '{"t":1,"m":{"b":2},"_formatted":{"t":"1","m":{"b":"2"}}}',
  );
  expect(render(hit, { ...derived, hiddenKey: "m.id", cut: "m.b", hiddenKeyFormatted: "m" })).toBe(
    '{"t":1,"m":{},"_formatted":{"t":"1"}}',
  );
});

test("a document's own `_formatted` is left alone when none was asked for", () => {
  expect(render('{"_formatted":{"_miroir_seq":1}}')).toBe('{"_formatted":{"_miroir_seq":1}}');
});
