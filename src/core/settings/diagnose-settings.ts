/**
 * Which nodes have to be put right, and in what, after a settings change or when somebody looks. Each setting must hold
 * what was sent, where that can be said. Of the others one that nobody has changed must still be what all nodes showed
 * before, and one that was changed must be alike on all.
 */
import type { JsonObject } from "./json-shape.ts";
import type { NodeForm } from "./node-form.ts";
import { settingsHashes, type SettingsHashes } from "./settings-hashes.ts";
import { judgeNode, type NodeSettings, wrongSettings } from "./verify-settings.ts";

export interface Diagnosis {
  /** By node: the settings that are not as meant. Empty: all is well. */
  readonly wrong: ReadonlyMap<string, readonly string[]>;
  /** What all nodes show, if all is well. */
  readonly hashes: SettingsHashes;
}

export interface ExpectedSettings {
  /** What was meant, in the client's view. */
  readonly client: JsonObject;
  readonly form: NodeForm;
  /** What all nodes showed before, if that is known. */
  readonly meant: SettingsHashes | undefined;
  /** The settings for which `meant` no longer counts. */
  readonly touched: ReadonlySet<string>;
  /** As in `MeantSettings`. */
  readonly ownForms?: readonly string[] | undefined;
}

export function diagnoseSettings(nodes: readonly NodeSettings[], expected: ExpectedSettings): Diagnosis {
  const { client, form, meant, touched, ownForms } = expected;
  const wrong = new Map<string, Set<string>>();
  const blame = (nodeId: string, key: string): void => {
    wrong.set(nodeId, (wrong.get(nodeId) ?? new Set()).add(key));
  };
  const shown = nodes.map((node) => ({ nodeId: node.nodeId, hashes: settingsHashes(node.settings) }));
  const shownBefore = Object.fromEntries(Object.entries(meant ?? {}).filter(([key]) => !touched.has(key)));
  for (const { nodeId, settings } of nodes) {
    for (const key of wrongSettings(settings, { client, form, shownBefore, ownForms })) blame(nodeId, key);
  }
  const judged = nodes.map(({ settings }) => judgeNode(settings, { client, form, ownForms }));
  const isKnown = (key: string): boolean =>
    shownBefore[key] !== undefined || judged.some(({ right }) => right.has(key));
  for (const key of Object.keys(shown[0]?.hashes ?? {})) {
    if (isKnown(key) || !shown.every(({ hashes }) => hashes[key] !== undefined)) continue;
    const differs = shown.some(({ hashes }) => hashes[key] !== shown[0]?.hashes[key]);
    // Nobody knows which of them is right, so all are told again.
    if (differs) for (const { nodeId } of shown) blame(nodeId, key);
  }
  return {
    wrong: new Map([...wrong].map(([nodeId, keys]) => [nodeId, [...keys]])),
    hashes: shown[0]?.hashes ?? {},
  };
}

/**
 * The settings in which nodes that have all been told again differ from nothing but the form that is known here: another
 * version of the engine may keep a value otherwise. null: they differ from each other, or in what else is known of them.
 */
export function formsOfTheirOwn(nodes: readonly NodeSettings[], expected: ExpectedSettings): readonly string[] | null {
  const wrong = [...new Set([...diagnoseSettings(nodes, expected).wrong.values()].flat())];
  const ownForms = [...new Set([...(expected.ownForms ?? []), ...wrong])].toSorted();
  return diagnoseSettings(nodes, { ...expected, ownForms }).wrong.size === 0 ? ownForms : null;
}

/** One sentence for people, without values. */
export function describeDiagnosis({ wrong }: Diagnosis): string {
  return [...wrong].map(([nodeId, keys]) => `node \`${nodeId}\` differs in ${keys.map(quoted).join(", ")}`).join("; ");
}

function quoted(key: string): string {
  return `\`${key}\``;
}
