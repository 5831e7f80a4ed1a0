/** Makes what belongs to no index the same on all nodes that are there: API keys, experimental features, search rules. */
import type { NodeVersions } from "../catalog/node-versions.ts";
import { alignFeatures, type AlignFeaturesDeps } from "../experimental/align-features.ts";
import { alignRules, type AlignRulesDeps } from "../search-rules/align-rules.ts";
import { adoptDefaultKeys, type AdoptKeysDeps } from "../keys/adopt-keys.ts";

export interface AlignSharedDeps extends AdoptKeysDeps, AlignFeaturesDeps, AlignRulesDeps {
  readonly fleet: AdoptKeysDeps["fleet"] & AlignRulesDeps["fleet"];
  readonly versions: Pick<NodeVersions, "missedShared" | "catchUpShared">;
}

/** Nodes that are still to be done. */
export async function alignShared(deps: AlignSharedDeps): Promise<{ readonly pending: readonly string[] }> {
  const { pending: withoutKeys } = await adoptDefaultKeys(deps);
  const withoutFeatures = await alignFeatures(deps);
  const withoutRules = await alignRules(deps);
  const pending = [...new Set([...withoutKeys, ...withoutFeatures, ...withoutRules])];
  const done = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.healthy(nodeId) && !pending.includes(nodeId));
  await deps.versions.catchUpShared(done);
  return { pending };
}
