/**
 * Which nodes have to be put right, and in what, after a settings change or when somebody looks. A setting that nobody
 * has changed must still be what all nodes showed before; one that was changed must be alike on all, and hold what the
 * client wrote where that can be said.
 */
import type { JsonObject } from "./json-shape.ts";
import type { TieBreak } from "./node-form.ts";
import { differingSettings, settingsHashes, type SettingsHashes } from "./settings-hashes.ts";
import { misplacedSetting, type NodeSettings } from "./verify-settings.ts";

export interface Diagnosis {
  /** By node: the settings that are not as meant. Empty: all is well. */
  readonly wrong: ReadonlyMap<string, readonly string[]>;
  /** What all nodes show, if all is well. */
  readonly hashes: SettingsHashes;
}

export interface ExpectedSettings {
  /** What was meant, in the client's view. */
  readonly client: JsonObject;
  readonly tieBreak: TieBreak;
  /** What all nodes showed before, if that is known. */
  readonly meant: SettingsHashes | undefined;
  /** The settings for which `meant` no longer counts. */
  readonly touched: ReadonlySet<string>;
}

export function diagnoseSettings(nodes: readonly NodeSettings[], expected: ExpectedSettings): Diagnosis {
  const { client, tieBreak, meant, touched } = expected;
  const wrong = new Map<string, Set<string>>();
  const blame = (nodeId: string, key: string): void => {
    wrong.set(nodeId, (wrong.get(nodeId) ?? new Set()).add(key));
  };
  const shown = nodes.map((node) => ({ nodeId: node.nodeId, hashes: settingsHashes(node.settings) }));
  const known = Object.fromEntries(Object.entries(meant ?? {}).filter(([key]) => !touched.has(key)));
  for (const [place, { nodeId, hashes }] of shown.entries()) {
    const misplaced = misplacedSetting(nodes[place]?.settings ?? {}, client, tieBreak);
    if (misplaced !== null) blame(nodeId, misplaced);
    for (const key of differingSettings(hashes, known)) blame(nodeId, key);
  }
  for (const key of Object.keys(shown[0]?.hashes ?? {})) {
    if (known[key] !== undefined || !shown.every(({ hashes }) => hashes[key] !== undefined)) continue;
    const differs = shown.some(({ hashes }) => hashes[key] !== shown[0]?.hashes[key]);
    // Nobody knows which of them is right, so all are told again.
    if (differs) for (const { nodeId } of shown) blame(nodeId, key);
  }
  return {
    wrong: new Map([...wrong].map(([nodeId, keys]) => [nodeId, [...keys]])),
    hashes: shown[0]?.hashes ?? {},
  };
}

/** One sentence for people, without values. */
export function describeDiagnosis({ wrong }: Diagnosis): string {
  return [...wrong].map(([nodeId, keys]) => `node \`${nodeId}\` differs in ${keys.map(quoted).join(", ")}`).join("; ");
}

function quoted(key: string): string {
  return `\`${key}\``;
}
