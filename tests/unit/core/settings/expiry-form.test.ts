/** The form of nodes whose documents may expire: what is put in, what is taken out again, and what is seen to be wrong. */
import { expect, test } from "bun:test";
import type { JsonObject } from "../../../../src/core/settings/json-shape.ts";
import {
  DEFAULT_DOCUMENT_TEMPLATE,
  FILTERABLE_MARKERS,
  filterableMarkers,
  nodeDocumentTemplate,
  PLAIN_FORM,
} from "../../../../src/core/settings/node-form.ts";
import { refuseReserved } from "../../../../src/core/settings/refuse-reserved.ts";
import { toClientView } from "../../../../src/core/settings/to-client-view.ts";
import { initialNodeSettings, toNodePatch } from "../../../../src/core/settings/to-node-patch.ts";
import { judgeNode } from "../../../../src/core/settings/verify-settings.ts";

const EXPIRING = { ...PLAIN_FORM, expiry: true };
const client: JsonObject = {
  filterableAttributes: ["genre", { attributePatterns: ["_miroir_expires_at"] }],
  embedders: { own: { source: "rest", url: "http://x" } },
};

function shown(form: typeof EXPIRING): JsonObject {
  const { filterableAttributes, sortableAttributes, rankingRules, embedders } = initialNodeSettings(client, form);
  return { filterableAttributes, sortableAttributes, rankingRules, embedders };
}

test("one marker more may be filtered by, in as many elements as without", () => {
  expect(filterableMarkers(PLAIN_FORM)).toBe(FILTERABLE_MARKERS);
  expect(JSON.stringify(filterableMarkers(PLAIN_FORM))).not.toContain("_miroir_expires_at");
  expect(filterableMarkers(EXPIRING)).toHaveLength(FILTERABLE_MARKERS.length);
  expect(filterableMarkers(EXPIRING)[0]).toEqual({
    attributePatterns: ["_miroir_shard", "_miroir_none", "_miroir_expires_at"],
    features: { facetSearch: false, filter: { equality: true, comparison: true } },
  });
});

test("no client sees a difference", () => {
  const seen = toClientView(shown(EXPIRING), client);
  expect(seen).toEqual(toClientView(shown(PLAIN_FORM), client));
  // An element of the client's own is none of the markers.
  expect(seen["filterableAttributes"]).toEqual(client["filterableAttributes"]);
  expect(JSON.stringify(seen["embedders"])).toContain(JSON.stringify(DEFAULT_DOCUMENT_TEMPLATE).slice(1, -1));
});

test("templates that nobody wrote leave the marker out where there is one, and are what they were where there is none", () => {
  expect(nodeDocumentTemplate(PLAIN_FORM)).not.toContain("_miroir_expires_at");
  expect(nodeDocumentTemplate(EXPIRING)).toContain('field.name != "_miroir_expires_at"');
  const patch = toNodePatch({ embedders: client["embedders"] }, {}, EXPIRING)["embedders"] as { own: JsonObject };
  expect(patch.own["documentTemplate"]).toBe(nodeDocumentTemplate(EXPIRING));
});

test("a node in the other form has wrong settings, but for a template that leaves out more than it has to", () => {
  const wrong = (node: JsonObject, form: typeof EXPIRING) => judgeNode(node, { client, form }).wrong;
  expect(wrong(shown(EXPIRING), EXPIRING)).toEqual([]);
  expect(wrong(shown(PLAIN_FORM), PLAIN_FORM)).toEqual([]);
  expect(wrong(shown(PLAIN_FORM), EXPIRING)).toEqual(["filterableAttributes", "embedders"]);
  expect(wrong(shown(EXPIRING), PLAIN_FORM)).toEqual(["filterableAttributes"]);
});

test("no setting of a client's names it, as nodes would rank by the marker and show it", () => {
  for (const patch of [
    { rankingRules: ["words", "_miroir_expires_at:asc"] },
    { filterableAttributes: [{ attributePatterns: ["a", "_miroir_expires_at"] }] },
    { distinctAttribute: "_miroir_expires_at" },
  ]) {
    expect(() => refuseReserved(patch, EXPIRING)).toThrow("_miroir_expires_at");
    refuseReserved(patch, PLAIN_FORM);
  }
});
