/**
 * Makes what belongs to no index the same on all nodes that are there: API keys, experimental features, search rules, chat
 * workspaces.
 */
import type { NodeVersions } from "../catalog/node-versions.ts";
import { alignChats, type AlignChatsDeps } from "../chats/align-chats.ts";
import { alignFeatures, type AlignFeaturesDeps } from "../experimental/align-features.ts";
import { alignRules, type AlignRulesDeps } from "../search-rules/align-rules.ts";
import { adoptDefaultKeys, type AdoptKeysDeps } from "../keys/adopt-keys.ts";

export interface AlignSharedDeps extends AdoptKeysDeps, AlignFeaturesDeps, AlignRulesDeps, AlignChatsDeps {
  readonly fleet: AdoptKeysDeps["fleet"] & AlignRulesDeps["fleet"];
  readonly versions: Pick<NodeVersions, "missedShared" | "catchUpShared">;
}

/** Nodes that are still to be done. */
export async function alignShared(deps: AlignSharedDeps): Promise<{ readonly pending: readonly string[] }> {
  const { pending: withoutKeys } = await adoptDefaultKeys(deps);
  const { pending: withoutFeatures, switches } = await alignFeatures(deps);
  const withoutRules = await alignRules(deps);
  // While the switch is off no node can be asked.
  const withoutChats = switches?.["chatCompletions"] === true ? await alignChats(deps) : [];
  const pending = [...new Set([...withoutKeys, ...withoutFeatures, ...withoutRules, ...withoutChats])];
  const done = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.healthy(nodeId) && !pending.includes(nodeId));
  await deps.versions.catchUpShared(done);
  return { pending };
}
