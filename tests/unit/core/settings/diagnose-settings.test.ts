/** Which settings of which node are not as meant. */
import { describe, expect, test } from "bun:test";
import { describeDiagnosis, diagnoseSettings } from "../../../../src/core/settings/diagnose-settings.ts";
import type { JsonObject } from "../../../../src/core/settings/json-shape.ts";
import { settingsHashes } from "../../../../src/core/settings/settings-hashes.ts";
import { toClientView } from "../../../../src/core/settings/to-client-view.ts";
import { initialNodeSettings, toNodePatch } from "../../../../src/core/settings/to-node-patch.ts";
import { misplacedSetting } from "../../../../src/core/settings/verify-settings.ts";

describe("verification", () => {
  const good = toNodePatch(
    { filterableAttributes: null, sortableAttributes: null, rankingRules: null },
    {},
    "sequence",
  );
  const expected = (client: JsonObject = {}, meant?: JsonObject, touched: readonly string[] = []) => ({
    client,
    tieBreak: "sequence" as const,
    meant: meant === undefined ? undefined : settingsHashes(meant),
    touched: new Set(touched),
  });
  const complete = { ...good, searchableAttributes: ["*"], stopWords: [] };

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
    expect(odd({ stopWords: ["x"] })).toBe(differs);
    expect(odd({ stopWords: ["x"] }, {}, complete, ["stopWords"])).toBe(differs);
    expect(odd({}, { sortableAttributes: ["price"] })).toBe(
      "node `a` differs in `sortableAttributes`; node `b` differs in `sortableAttributes`",
    );
  });

  test("a setting that nobody has changed must be what it was, on every node", () => {
    expect(odd({ stopWords: ["x"] }, {}, complete)).toBe("node `b` differs in `stopWords`");
    expect(odd({ stopWords: ["x"] }, {}, { ...complete, stopWords: ["x"] })).toBe("node `a` differs in `stopWords`");
    expect(odd({}, {}, { ...complete, stopWords: ["x"] })).toBe(
      "node `a` differs in `stopWords`; node `b` differs in `stopWords`",
    );
  });

  test("without the sequence as a rule nodes have neither the rule nor anything to sort by, and keep the filters", () => {
    const client = { sortableAttributes: ["price"], rankingRules: ["typo", "price:asc"] };
    const node = initialNodeSettings(client, "node");
    expect(node).toMatchObject(client);
    expect(node["filterableAttributes"]).toEqual(initialNodeSettings(client, "sequence")["filterableAttributes"]);
    const shown = { ...complete, ...initialNodeSettings({}, "node") };
    const found = (tieBreak: "sequence" | "node", settings: JsonObject): string | null =>
      misplacedSetting(settings, {}, tieBreak);
    expect(found("node", shown)).toBeNull();
    expect(found("sequence", shown)).toBe("sortableAttributes");
    expect(found("node", { ...shown, rankingRules: good["rankingRules"] })).toBe("rankingRules");
    expect(toClientView(shown, {})).toEqual(toClientView({ ...complete, ...initialNodeSettings({}, "sequence") }, {}));
  });

  test("a setting that only some nodes show belongs to a feature and is no difference", () => {
    expect(odd({ chat: { description: "x" } })).toBe("");
    expect(odd({ chat: { description: "x" } }, {}, complete)).toBe("");
  });
});
