/** The filter parser and the narrowing by key, held against the real engine. Skipped where there is none. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseFilter } from "../../../../src/core/filters/parse-filter.ts";
import { pinnedKeys } from "../../../../src/core/filters/pinned-keys.ts";
import { nodeRequest, realEnginePath, runTask, startNode, type TestNode } from "../../../support/nodes.ts";
import { filterTexts } from "./filter-texts.ts";

/** Documents whose keys are alike for the engine's comparison, or look like numbers. */
const oddKeys = [
  "1".repeat(470),
  `${"1".repeat(469)}2`,
  ..."abc ABC aBc 7 007 -5 --5 - _ 0 -0 1e2 inf NaN 2024-01-05 20_24".split(" "),
];
const integerKeys = ["8", "100", "-9", "9007199254740991", "9007199254740992", "9007199254740993", "999999999999999"];

const filterRuns = 3000;

/** What the engine says of a filter that it has understood. */
const aboutMeaning =
  /^(?:Attribute `|Bad latitude|Bad longitude|The top latitude|Invalid resolution|Non finite floats|The embedder |using a (?:foreign|vector|shard))/;

/** The grammar of a development node is smaller. */
describe.skipIf(realEnginePath() === null)("on the real engine, where there is one", () => {
  let node: TestNode;

  beforeAll(async () => {
    node = await startNode({ kind: "meilisearch" });
    await runTask(node, "PATCH", "/indexes/keys/settings", { filterableAttributes: ["id", "kind"] });
    const documents = [
      ...oddKeys.map((key) => `{"id":"${key}","kind":"text"}`),
      ...integerKeys.map((key) => `{"id":${key},"kind":"integer"}`),
    ];
    const task = await runTask(node, "POST", "/indexes/keys/documents?primaryKey=id", `[${documents.join(",")}]`);
    expect(task.status).toBe("succeeded");
    const features = { containsFilter: true, multimodal: true };
    await nodeRequest(node, "PATCH", "/experimental-features", features);
  }, 60_000);

  afterAll(() => node.stop());

  async function fetchDocuments(filter: unknown) {
    return await nodeRequest(node, "POST", "/indexes/keys/documents/fetch", { filter, limit: 100 });
  }

  test("the parser accepts exactly what the engine accepts", async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(filterTexts, async (text) => {
        const { status, body } = await fetchDocuments(text);
        const understood = status === 200 || aboutMeaning.test(body.message);
        if (understood) accepted += 1;
        const { ok } = parseFilter(text);
        if (ok !== understood)
          expect({ text, ok, message: body.message }).toEqual({ text, ok: understood, message: "" });
      }),
      { numRuns: filterRuns },
    );
    // Both sides of the question have to be asked often.
    expect(accepted).toBeWithin(0.2 * filterRuns, 0.8 * filterRuns);
  }, 60_000);

  test("nesting is refused at the depth at which the engine refuses it", async () => {
    const shapes = [
      (n: number) => `${"(".repeat(n)}id = 1${")".repeat(n)}`,
      (n: number) => `${"NOT ".repeat(n)}id = 1`,
      (n: number) => `${"id = 1 OR (".repeat(n)}id = 1${")".repeat(n)}`,
    ];
    for (const shape of shapes) {
      let deepest = 0;
      for (let n = 30; n < 160; n += 1) {
        const { status } = await fetchDocuments(shape(n));
        expect([n, parseFilter(shape(n)).ok]).toEqual([n, status === 200]);
        if (status === 200) deepest = n;
      }
      expect(deepest).toBeWithin(30, 159);
    }
  }, 60_000);

  test("no document that a filter finds lies outside the keys it is narrowed to", async () => {
    const literals = fc.oneof(
      fc.constantFrom(...oddKeys, ...integerKeys, "ABc", "7.0", "+7", "9007199254740994", " 7 ", "７", "1".repeat(468)),
      fc.integer({ min: -10, max: 110 }).map(String),
    );
    const quotedLiterals = literals.map((text) => `"${text}"`);
    const conditions = fc.oneof(
      quotedLiterals.map((text) => `id = ${text}`),
      fc.array(quotedLiterals, { maxLength: 3 }).map((texts) => `id IN [${texts.join(",")}]`),
      fc.constantFrom("kind = text", "kind = integer", "id EXISTS", "NOT id = 7", "id != 8", "id NOT IN [7]", "id > 7"),
    );
    const { filter: texts } = fc.letrec<{ filter: string }>((tie) => ({
      filter: fc.oneof(
        { depthSize: "small" },
        conditions,
        fc.tuple(tie("filter"), fc.constantFrom("AND", "OR"), tie("filter")).map((parts) => parts.join(" ")),
        tie("filter").map((inner) => `(${inner})`),
        tie("filter").map((inner) => `NOT ${inner}`),
      ),
    }));
    const filters = fc.oneof(
      texts,
      fc.array(fc.oneof(texts, fc.array(fc.oneof(texts, fc.constant(" ")), { maxLength: 2 }))),
    );
    let narrowed = 0;
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const keys = pinnedKeys(filter, "id", 100);
        if (keys === null) return;
        narrowed += 1;
        const { status, text } = await fetchDocuments(filter);
        expect(status).toBe(200);
        const found = [...text.matchAll(/"id":"?([^",}]+)/g)].map(([, key]) => key);
        expect(found.filter((key) => !keys.includes(key!))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
    expect(narrowed).toBeGreaterThan(100);
  }, 60_000);
});
