/** The two views of settings without any node: what must hold whatever a client writes. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { parseExact } from "../../../../src/core/settings/exact-json.ts";
import { canonicalJson, isObject, type JsonObject } from "../../../../src/core/settings/json-shape.ts";
import { mergeSettings } from "../../../../src/core/settings/merge-settings.ts";
import {
  DEFAULT_DOCUMENT_TEMPLATE,
  FILTERABLE_MARKERS,
  NODE_DOCUMENT_TEMPLATE,
  raisedMaxValuesPerFacet,
  PLAIN_FORM,
} from "../../../../src/core/settings/node-form.ts";
import { restoreSettings } from "../../../../src/core/settings/restore-settings.ts";
import { settingByKey, settingRows } from "../../../../src/core/settings/settings-keys.ts";
import { maskSecrets, toClientDetails, toClientView } from "../../../../src/core/settings/to-client-view.ts";
import { initialNodeSettings, toNodePatch } from "../../../../src/core/settings/to-node-patch.ts";

const json = fc.jsonValue({ maxDepth: 3 });
const anyPatch = fc.dictionary(fc.constantFrom(...settingRows.map((row) => row.key), "unknown"), json, {
  noNullPrototype: true,
});

describe("what goes to the nodes", () => {
  test("every list that needs a marker has it, at its place, whatever the client writes", () => {
    const lists = fc.record({
      filterableAttributes: fc.oneof(fc.constant(null), fc.array(fc.string())),
      sortableAttributes: fc.oneof(fc.constant(null), fc.array(fc.string())),
      rankingRules: fc.oneof(fc.constant(null), fc.array(fc.string())),
    });
    fc.assert(
      fc.property(lists, (patch) => {
        const node = toNodePatch(patch, {}, PLAIN_FORM);
        expect((node["filterableAttributes"] as unknown[]).slice(0, 2)).toEqual([...FILTERABLE_MARKERS]);
        expect((node["sortableAttributes"] as unknown[]).at(-1)).toBe("_miroir_seq");
        expect((node["rankingRules"] as unknown[]).at(-1)).toBe("_miroir_seq:asc");
      }),
    );
  });

  test("a patch never asks for a setting that the client did not name, and names all that it did", () => {
    fc.assert(
      fc.property(anyPatch, anyPatch, (patch, before) => {
        expect(Object.keys(toNodePatch(patch, before, PLAIN_FORM))).toEqual(Object.keys(patch));
      }),
    );
  });

  test("values of a shape the engine refuses are passed on as they are", () => {
    for (const value of ["text", 5, true, { a: 1 }]) {
      const patch = { filterableAttributes: value, sortableAttributes: value, rankingRules: value };
      expect(toNodePatch(patch, {}, PLAIN_FORM)).toEqual(patch);
    }
    const odd = { displayedAttributes: ["a", 5], faceting: { maxValuesPerFacet: -1 }, embedders: { e: 7 } };
    expect(toNodePatch(odd, {}, PLAIN_FORM)).toEqual(odd);
  });

  test("display is never narrowed", () => {
    expect(toNodePatch({ displayedAttributes: ["a"] }, {}, PLAIN_FORM)).toEqual({ displayedAttributes: ["*"] });
    expect(toNodePatch({ displayedAttributes: null }, {}, PLAIN_FORM)).toEqual({ displayedAttributes: null });
  });

  test("the facet limit is raised, never lowered, and bounded", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (wanted) => {
        const raised = raisedMaxValuesPerFacet(wanted);
        expect(raised).toBeGreaterThanOrEqual(Math.max(wanted, 1000));
        expect(raised).toBeLessThanOrEqual(Math.max(wanted, 10_000));
      }),
    );
    expect([5, 100, 500, 20_000].map(raisedMaxValuesPerFacet)).toEqual([1000, 1000, 5000, 20_000]);
  });

  test("an embedder without a template of its own gets one without the markers, where its source has templates", () => {
    const embedders = (embedder: JsonObject, before: JsonObject = {}): unknown =>
      (
        toNodePatch({ embedders: { e: embedder } }, { embedders: { e: before } }, PLAIN_FORM)["embedders"] as JsonObject
      )["e"];
    expect(embedders({})).toEqual({ documentTemplate: NODE_DOCUMENT_TEMPLATE });
    expect(embedders({ documentTemplate: null })).toEqual({ documentTemplate: NODE_DOCUMENT_TEMPLATE });
    expect(embedders({ documentTemplate: DEFAULT_DOCUMENT_TEMPLATE })).toEqual({
      documentTemplate: NODE_DOCUMENT_TEMPLATE,
    });
    expect(embedders({ documentTemplate: "{{doc.a}}" })).toEqual({ documentTemplate: "{{doc.a}}" });
    expect(embedders({ apiKey: "k" }, { documentTemplate: "{{doc.a}}" })).toEqual({ apiKey: "k" });
    expect(embedders({ source: "userProvided", dimensions: 2 })).toEqual({ source: "userProvided", dimensions: 2 });
    expect(embedders({ source: "rest" }, { source: "userProvided", dimensions: 2 })).toEqual({
      source: "rest",
      documentTemplate: NODE_DOCUMENT_TEMPLATE,
    });
    const fragments = { source: "rest", indexingFragments: { f: { value: {} } } };
    expect(embedders(fragments)).toEqual(fragments);
    expect(embedders({ source: "composite", indexingEmbedder: { source: "ollama", model: "m" } })).toEqual({
      source: "composite",
      indexingEmbedder: { source: "ollama", model: "m", documentTemplate: NODE_DOCUMENT_TEMPLATE },
    });
    expect(toNodePatch({ embedders: { e: null } }, {}, PLAIN_FORM)).toEqual({ embedders: { e: null } });
  });
});

describe("what a client reads", () => {
  test("nothing of Miroir's is in it, whatever the nodes hold", () => {
    fc.assert(
      fc.property(anyPatch, (client) => {
        fc.pre(!canonicalJson(client).includes("_miroir_"));
        const shown = toClientView({ ...initialNodeSettings(client, PLAIN_FORM), embedders: {} }, client);
        expect(canonicalJson(shown)).not.toContain("_miroir_");
      }),
    );
  });

  test("the client's own limits and lists come back", () => {
    const client = { displayedAttributes: ["b", "a", "b"], faceting: { maxValuesPerFacet: 3 } };
    const node = { displayedAttributes: ["*"], faceting: { maxValuesPerFacet: 1000, sortFacetValuesBy: {} } };
    expect(toClientView(node, client)).toEqual({
      displayedAttributes: ["b", "a"],
      faceting: { maxValuesPerFacet: 3, sortFacetValuesBy: {} },
    });
  });

  test("task details name what the client named, and no secret", () => {
    const patch = { embedders: { e: { source: "openAi", apiKey: "sk-0123456789-0123456789-0123456789" } } };
    const node = {
      displayedAttributes: ["*"],
      embedders: { e: { source: "openAi", apiKey: "sk-01XXXXXX...", documentTemplate: NODE_DOCUMENT_TEMPLATE } },
    };
    expect(toClientDetails(node, patch)).toEqual({ embedders: { e: { source: "openAi", apiKey: "sk-01XXXXXX..." } } });
    expect(maskSecrets(patch)).toEqual({ embedders: { e: { source: "openAi", apiKey: "sk-01XXXXXX..." } } });
    expect(["short", "ten-to-nineteen", "twenty-to-twenty-nine-ch"].map(maskedKey)).toEqual([
      "XXX...",
      "teXXXX...",
      "tweXXXXX...",
    ]);
  });
});

function maskedKey(apiKey: string): unknown {
  return ((maskSecrets({ embedders: { e: { apiKey } } })["embedders"] as JsonObject)["e"] as JsonObject)["apiKey"];
}

describe("the client's record", () => {
  test("a patch that is applied twice changes nothing more", () => {
    fc.assert(
      fc.property(anyPatch, anyPatch, (before, patch) => {
        const once = mergeSettings(before, patch);
        expect(mergeSettings(once, patch)).toEqual(once);
      }),
    );
  });

  test("restoring after any change gives the record back", () => {
    fc.assert(
      fc.property(clientSettings, clientSettings, (first, patch) => {
        const before = mergeSettings({}, first);
        const after = mergeSettings(before, patch);
        expect(withoutSources(mergeSettings(after, restoreSettings(patch, before)))).toEqual(withoutSources(before));
      }),
    );
  });

  test("merging settings keep what a patch does not mention, and null takes a part away", () => {
    const before = { typoTolerance: { enabled: false, minWordSizeForTypos: { oneTypo: 3, twoTypos: 6 } } };
    const patch = { typoTolerance: { minWordSizeForTypos: { twoTypos: null } } };
    expect(mergeSettings(before, patch)).toEqual({
      typoTolerance: { enabled: false, minWordSizeForTypos: { oneTypo: 3 } },
    });
    expect(mergeSettings(before, { typoTolerance: null })).toEqual({});
    expect(mergeSettings({ faceting: { maxValuesPerFacet: 3 } }, { faceting: { maxValuesPerFacet: null } })).toEqual(
      {},
    );
  });
});

const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.oneof(value, fc.constant(null));
const optional: { requiredKeys: []; noNullPrototype: true } = { requiredKeys: [], noNullPrototype: true };
const clientSettings: fc.Arbitrary<JsonObject> = fc.record(
  {
    stopWords: orNull(fc.array(fc.string())),
    faceting: orNull(
      fc.record(
        { maxValuesPerFacet: orNull(fc.nat()), sortFacetValuesBy: orNull(fc.constant({ a: "count" })) },
        optional,
      ),
    ),
    pagination: orNull(fc.record({ maxTotalHits: orNull(fc.nat()) }, optional)),
    typoTolerance: orNull(
      fc.record(
        {
          enabled: orNull(fc.boolean()),
          minWordSizeForTypos: orNull(fc.record({ oneTypo: orNull(fc.nat(9)), twoTypos: orNull(fc.nat(9)) }, optional)),
        },
        optional,
      ),
    ),
    embedders: orNull(
      fc.dictionary(
        fc.constantFrom("a", "b"),
        orNull(
          fc.record({ source: fc.constant("rest"), apiKey: orNull(fc.string()), url: orNull(fc.string()) }, optional),
        ),
        { noNullPrototype: true },
      ),
    ),
  },
  optional,
);

/** A restored embedder says its source, also when it was the default. An empty map of embedders is none. */
function withoutSources(settings: JsonObject): JsonObject {
  return JSON.parse(
    JSON.stringify(settings, (key, value: unknown) => (key === "source" ? undefined : value)),
  ) as JsonObject;
}

test("numbers keep their spelling on the way through", () => {
  for (const text of ['{"a":18446744073709551615}', '{"a":1.0,"b":[1e2,-0]}', '{"a":{"b":"1.0"},"c":5}']) {
    expect(JSON.stringify(parseExact(text))).toBe(text);
  }
  expect(isObject((parseExact('{"a":1.0}') as JsonObject)["a"])).toBe(false);
});

test("every setting has one sub-route of its own", () => {
  expect(new Set(settingRows.map((row) => row.route)).size).toBe(settingRows.length);
  for (const row of settingRows) expect(settingByKey(row.key)).toBe(row);
});
