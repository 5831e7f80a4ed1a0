/** Which settings of which node are not as meant. */
import { describe, expect, test } from "bun:test";
import { describeDiagnosis, diagnoseSettings } from "../../../../src/core/settings/diagnose-settings.ts";
import type { JsonObject } from "../../../../src/core/settings/json-shape.ts";
import { settingsHashes } from "../../../../src/core/settings/settings-hashes.ts";
import { toClientView } from "../../../../src/core/settings/to-client-view.ts";
import { initialNodeSettings, toNodePatch } from "../../../../src/core/settings/to-node-patch.ts";
import { judgeNode } from "../../../../src/core/settings/verify-settings.ts";
import { PLAIN_FORM } from "../../../../src/core/settings/node-form.ts";

describe("verification", () => {
  const good = toNodePatch(
    { filterableAttributes: null, sortableAttributes: null, rankingRules: null },
    {},
    PLAIN_FORM,
  );
  const expected = (client: JsonObject = {}, meant?: JsonObject, touched: readonly string[] = []) => ({
    client,
    form: PLAIN_FORM,
    meant: meant === undefined ? undefined : settingsHashes(meant),
    touched: new Set(touched),
  });
  const complete = { ...good, searchableAttributes: ["*"], stopWords: [], localizedAttributes: null };
  /** A setting that the engine keeps in a form of its own, and a value of it. */
  const rules = [{ attributePatterns: ["*_ja"], locales: ["jpn"] }];
  const ownForm = { localizedAttributes: rules };

  test("equal nodes that hold what was meant are accepted, in whatever order their keys stand", () => {
    const turned = Object.fromEntries(Object.entries(complete).toReversed());
    const nodes = [
      { nodeId: "a", settings: complete },
      { nodeId: "b", settings: turned },
    ];
    expect(describeDiagnosis(diagnoseSettings(nodes, expected()))).toBe("");
    expect(describeDiagnosis(diagnoseSettings(nodes, expected({}, complete)))).toBe("");
    expect(describeDiagnosis(diagnoseSettings([], expected()))).toBe("");
  });

  const odd = (change: JsonObject, client: JsonObject = {}, meant?: JsonObject, touched: readonly string[] = []) =>
    describeDiagnosis(
      diagnoseSettings(
        [
          { nodeId: "a", settings: complete },
          { nodeId: "b", settings: { ...complete, ...change } },
        ],
        expected(client, meant, touched),
      ),
    );

  test("a node without a marker or with a lost value is found, with node and setting", () => {
    const differs = "node `a` differs in `stopWords`; node `b` differs in `stopWords`";
    expect(odd({ sortableAttributes: [] }, {}, complete)).toBe("node `b` differs in `sortableAttributes`");
    expect(odd({ stopWords: ["x"] })).toBe("node `b` differs in `stopWords`");
    expect(odd({ stopWords: ["x"] }, { stopWords: ["y"] }, complete, ["stopWords"])).toBe(differs);
    expect(odd({}, { sortableAttributes: ["price"] })).toBe(
      "node `a` differs in `sortableAttributes`; node `b` differs in `sortableAttributes`",
    );
  });

  test("what was sent is the measure, whatever was noted of nodes that had been edited", () => {
    const edited = { ...complete, stopWords: ["edited"] };
    expect(odd({ stopWords: ["edited"] }, {}, edited)).toBe("node `b` differs in `stopWords`");
    expect(odd({}, {}, edited)).toBe("");
    // Also where only one node can be looked at.
    const alone = [{ nodeId: "b", settings: edited }];
    expect(describeDiagnosis(diagnoseSettings(alone, expected({ stopWords: ["w"] })))).toBe(
      "node `b` differs in `stopWords`",
    );
  });

  test("a setting of which only the engine knows the form must be what it was, on every node", () => {
    const client = { localizedAttributes: [{ attributePatterns: ["*_ja"], locales: ["ja"] }] };
    const both = "node `a` differs in `localizedAttributes`; node `b` differs in `localizedAttributes`";
    const before = { ...complete, ...ownForm };
    expect(odd(ownForm, client, before)).toBe("node `a` differs in `localizedAttributes`");
    expect(odd({}, client, before)).toBe(both);
    expect(odd(ownForm, client)).toBe(both);
    expect(odd(ownForm, client, before, ["localizedAttributes"])).toBe(both);
  });

  test("without the sequence as a rule nodes have neither the rule nor anything to sort by, and keep the filters", () => {
    const client = { sortableAttributes: ["price"], rankingRules: ["typo", "price:asc"] };
    const node = initialNodeSettings(client, { ...PLAIN_FORM, tieBreak: "node" });
    expect(node).toMatchObject(client);
    expect(node["filterableAttributes"]).toEqual(initialNodeSettings(client, PLAIN_FORM)["filterableAttributes"]);
    const marked = (tieBreak: "sequence" | "node"): JsonObject => {
      const { filterableAttributes, sortableAttributes, rankingRules } = initialNodeSettings(
        {},
        { ...PLAIN_FORM, tieBreak },
      );
      return { filterableAttributes, sortableAttributes, rankingRules };
    };
    const shown = { ...complete, ...marked("node") };
    const found = (tieBreak: "sequence" | "node", settings: JsonObject): readonly string[] =>
      judgeNode(settings, { client: {}, form: { ...PLAIN_FORM, tieBreak } }).wrong;
    expect(found("node", shown)).toEqual([]);
    expect(found("sequence", shown)).toEqual(["sortableAttributes", "rankingRules"]);
    expect(found("node", { ...shown, rankingRules: good["rankingRules"] })).toEqual(["rankingRules"]);
    expect(toClientView(shown, {})).toEqual(toClientView({ ...complete, ...marked("sequence") }, {}));
  });

  test("a setting that only some nodes show belongs to a feature and is no difference", () => {
    expect(odd({ chat: { description: "x" } })).toBe("");
    expect(odd({ chat: { description: "x" } }, {}, complete)).toBe("");
  });
});
