/**
 * The two views against a real node: the same changes go to an index as a client writes them, and to another one
 * through Miroir's forms. What the second says, turned back, must be what the first says, after every step.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";

import { initialNodeSettings, toNodePatch } from "../../../src/core/settings/to-node-patch.ts";
import { mergeSettings } from "../../../src/core/settings/merge-settings.ts";
import type { JsonObject } from "../../../src/core/settings/json-shape.ts";
import { restoreSettings } from "../../../src/core/settings/restore-settings.ts";
import { toClientDetails, toClientView } from "../../../src/core/settings/to-client-view.ts";
import { judgeNode } from "../../../src/core/settings/verify-settings.ts";
import { DEFAULT_DOCUMENT_TEMPLATE, NODE_DOCUMENT_TEMPLATE, PLAIN_FORM } from "../../../src/core/settings/node-form.ts";
import { RESET_ALL } from "../../../src/core/settings/settings-keys.ts";
import { nodeRequest, realEnginePath, runTask, startNode, type TestNode } from "../../support/nodes.ts";

const engineOnly = realEnginePath() === null ? test.skip : test;
setDefaultTimeout(60_000);

let node: TestNode;
let pair = 0;

beforeAll(async () => {
  node = await startNode();
}, 60_000);
afterAll(() => node?.stop());

/** Two indexes that have seen the same changes: one plain, one through the router's forms. */
class Pair {
  readonly plain = `plain_${++pair}`;
  readonly marked = `marked_${pair}`;
  client: JsonObject = {};

  async start(): Promise<void> {
    await runTask(node, "POST", "/indexes", { uid: this.plain });
    await runTask(node, "POST", "/indexes", { uid: this.marked });
    await runTask(node, "PATCH", `/indexes/${this.marked}/settings`, initialNodeSettings({}, PLAIN_FORM));
  }

  async patch(patch: JsonObject): Promise<void> {
    const left = await nodeRequest(node, "PATCH", `/indexes/${this.plain}/settings`, patch);
    const nodePatch = toNodePatch(patch, this.client, PLAIN_FORM);
    const right = await nodeRequest(node, "PATCH", `/indexes/${this.marked}/settings`, nodePatch);
    expect(right.status).toBe(left.status);
    if (left.status !== 202) return;
    const [a, b] = [await done(left.body.taskUid), await done(right.body.taskUid)];
    expect(b.status).toBe(a.status);
    if (a.status !== "succeeded") return;
    this.client = mergeSettings(this.client, patch);
    expect(toClientDetails(b.details, patch)).toEqual(a.details);
  }

  async expectSame(): Promise<void> {
    const left = await nodeRequest(node, "GET", `/indexes/${this.plain}/settings`);
    const right = await nodeRequest(node, "GET", `/indexes/${this.marked}/settings`);
    expect(toClientView(right.body, this.client)).toEqual(left.body);
    expect(judgeNode(right.body, { client: this.client, form: PLAIN_FORM }).wrong).toEqual([]);
  }
}

// oxlint-disable-next-line typescript/no-explicit-any
async function done(taskUid: number): Promise<any> {
  for (;;) {
    const { body } = await nodeRequest(node, "GET", `/tasks/${taskUid}`);
    if (body.status !== "enqueued" && body.status !== "processing") return body;
    await Bun.sleep(2);
  }
}

const rest = (more: JsonObject = {}): JsonObject => ({
  source: "rest",
  url: "http://127.0.0.1:1/embed",
  request: { input: "{{text}}" },
  response: { embedding: "{{embedding}}" },
  dimensions: 2,
  ...more,
});

const sequences: readonly (readonly JsonObject[])[] = [
  [{}],
  [{ displayedAttributes: ["b", "a", "b"] }, { displayedAttributes: null }],
  [{ displayedAttributes: ["a", "*"] }],
  [{ filterableAttributes: ["z", "a", "z"] }, { filterableAttributes: ["*"] }, { filterableAttributes: null }],
  [
    {
      filterableAttributes: [
        "genre",
        { attributePatterns: ["*_en", "price"] },
        { attributePatterns: ["x"], features: { facetSearch: true, filter: { comparison: true } } },
      ],
    },
  ],
  [{ sortableAttributes: ["z", "a", "z", "é", "Z"] }, { sortableAttributes: [] }],
  [{ rankingRules: ["sort", "words", "price:asc"] }, { rankingRules: [] }, { rankingRules: null }],
  [{ rankingRules: ["words", "attribute"] }],
  [{ faceting: { maxValuesPerFacet: 7 } }, { faceting: { sortFacetValuesBy: { a: "count" } } }, { faceting: null }],
  [{ faceting: { maxValuesPerFacet: 0 } }, { faceting: { maxValuesPerFacet: null } }],
  [{ faceting: { maxValuesPerFacet: 50_000, sortFacetValuesBy: { "*": "count" } } }],
  [{ embedders: { e: rest() } }, { embedders: { e: { documentTemplateMaxBytes: 100 } } }, { embedders: { e: null } }],
  [
    { embedders: { e: rest({ documentTemplate: "{{ doc.title }}" }) } },
    { embedders: { e: { documentTemplate: null } } },
  ],
  [
    { embedders: { u: { source: "userProvided", dimensions: 3 } } },
    { embedders: { u: rest() } },
    { embedders: { u: { source: "userProvided", dimensions: 3 } } },
    { embedders: null },
  ],
  [
    { embedders: { e: rest({ apiKey: "a-long-secret-key-of-some-service-0123" }) } },
    { embedders: { e: { apiKey: "short" } } },
  ],
  [{ typoTolerance: { minWordSizeForTypos: { oneTypo: 4 } } }, { typoTolerance: { enabled: false } }],
  [{ typoTolerance: { disableOnAttributes: ["z", "a"], disableOnNumbers: true } }, { typoTolerance: null }],
  [{ typoTolerance: { disableOnWords: ["C++", "the"] } }, { stopWords: ["Été", "THE", "2nd"] }, { stopWords: [] }],
  [
    { proximityPrecision: "byAttribute", facetSearch: false },
    { proximityPrecision: null, facetSearch: null },
  ],
  [{ synonyms: { b: ["Y", "x", "x"], "New York": ["NYC"] }, dictionary: ["z", "a", "Z"] }, { synonyms: {} }],
  [{ pagination: { maxTotalHits: 5 } }, { pagination: null }],
  [
    {
      separatorTokens: ["†", "|"],
      nonSeparatorTokens: ["@"],
      dictionary: ["J. R. R."],
      stopWords: ["the", "a", "the"],
    },
  ],
  [{ synonyms: { phone: ["iphone", "b", "a"] }, distinctAttribute: "sku", searchCutoffMs: 150 }],
  [{ localizedAttributes: [{ attributePatterns: ["*_ja"], locales: ["jpn"] }], prefixSearch: "disabled" }],
  [
    { filterableAttributes: ["a"], sortableAttributes: ["b"], rankingRules: ["words"], embedders: { e: rest() } },
    RESET_ALL,
  ],
];

for (const [place, sequence] of sequences.entries()) {
  test(`settings sequence ${place} reads back as on a plain index: ${JSON.stringify(sequence[0]).slice(0, 60)}`, async () => {
    const both = new Pair();
    await both.start();
    await both.expectSame();
    for (const patch of sequence) {
      await both.patch(patch);
      await both.expectSame();
    }
  });
}

test("any mixture of changes reads back as on a plain index, and its restoration as before", async () => {
  const name = fc.constantFrom("title", "genre", "price", "a.b", "é", "*");
  const names = fc.array(name, { maxLength: 4 });
  const filterable = fc.array(
    fc.oneof(name, fc.record({ attributePatterns: fc.array(name, { minLength: 1, maxLength: 2 }) })),
    { maxLength: 3 },
  );
  const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
    fc.oneof({ weight: 4, arbitrary: values }, fc.constant(null));
  const patches = fc.record(
    {
      displayedAttributes: orNull(names),
      searchableAttributes: orNull(names),
      filterableAttributes: orNull(filterable),
      sortableAttributes: orNull(names),
      rankingRules: orNull(
        fc.uniqueArray(fc.constantFrom("words", "sort", "typo", "exactness", "price:asc", "title:desc")),
      ),
      stopWords: orNull(fc.array(fc.constantFrom("the", "a", "of"), { maxLength: 3 })),
      faceting: orNull(
        fc.record(
          {
            maxValuesPerFacet: orNull(fc.nat(3000)),
            sortFacetValuesBy: orNull(fc.constantFrom({ "*": "count" }, { genre: "alpha" })),
          },
          { requiredKeys: [] },
        ),
      ),
      typoTolerance: orNull(
        fc.record(
          {
            enabled: orNull(fc.boolean()),
            minWordSizeForTypos: orNull(fc.record({ oneTypo: orNull(fc.nat(4)) }, { requiredKeys: [] })),
          },
          { requiredKeys: [] },
        ),
      ),
      pagination: orNull(fc.record({ maxTotalHits: orNull(fc.integer({ min: 1, max: 2000 })) }, { requiredKeys: [] })),
      distinctAttribute: orNull(fc.constantFrom("sku", "genre")),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(patches, { minLength: 1, maxLength: 3 }), patches, async (first, last) => {
      const both = new Pair();
      await both.start();
      for (const patch of first) await both.patch(patch);
      await both.expectSame();
      const before = both.client;
      const shown = await nodeRequest(node, "GET", `/indexes/${both.marked}/settings`);
      await both.patch(last);
      await both.expectSame();
      await runTask(
        node,
        "PATCH",
        `/indexes/${both.marked}/settings`,
        toNodePatch(restoreSettings(last, before), both.client, PLAIN_FORM),
      );
      const restored = await nodeRequest(node, "GET", `/indexes/${both.marked}/settings`);
      expect(restored.body).toEqual(shown.body);
    }),
    { numRuns: 25 },
  );
}, 120_000);

/** A development node renders no templates. */
engineOnly("what is embedded of a document is what a plain index would embed, and nothing of Miroir's", async () => {
  const both = new Pair();
  await both.start();
  await both.patch({ embedders: { e: rest() } });
  await nodeRequest(node, "PATCH", "/experimental-features", { renderRoute: true });
  const markers = { _miroir_shard: "†‡•‣†‡•‣", _miroir_seq: "††††††††††††††††", _miroir_updated_at: "‣" };
  const document = { id: 1, title: "A title", list: [1, 2], none: null };
  const rendered = async (indexUid: string, shown: JsonObject): Promise<unknown> => {
    // The embedder is no part of it: nothing serves it, so a document could not be added.
    await runTask(node, "PATCH", `/indexes/${indexUid}/settings`, { embedders: { e: null } });
    await runTask(node, "POST", `/indexes/${indexUid}/documents?primaryKey=id`, [shown]);
    const template = indexUid === both.plain ? DEFAULT_DOCUMENT_TEMPLATE : NODE_DOCUMENT_TEMPLATE;
    const body = {
      template: { kind: "inlineDocumentTemplate", inline: template },
      input: { kind: "indexDocument", indexUid, id: "1" },
    };
    const answer = await nodeRequest(node, "POST", "/render-template", body);
    expect(answer.status).toBe(200);
    return answer.body.rendered;
  };
  const plain = await rendered(both.plain, document);
  expect(plain).toContain("title: A title");
  expect(await rendered(both.marked, { ...document, ...markers })).toBe(plain as string);
});
