/** Makes what belongs to no index the same on all nodes that are there: API keys and experimental features. */
import type { NodeVersions } from "../catalog/node-versions.ts";
import { alignFeatures, type AlignFeaturesDeps } from "../experimental/align-features.ts";
import { adoptDefaultKeys, type AdoptKeysDeps } from "../keys/adopt-keys.ts";

export interface AlignSharedDeps extends AdoptKeysDeps, AlignFeaturesDeps {
  readonly fleet: AdoptKeysDeps["fleet"] & AlignFeaturesDeps["fleet"];
  readonly versions: Pick<NodeVersions, "missedShared" | "catchUpShared">;
}

/** Nodes that are still to be done. */
export async function alignShared(deps: AlignSharedDeps): Promise<{ readonly pending: readonly string[] }> {
  const { pending: withoutKeys } = await adoptDefaultKeys(deps);
  const withoutFeatures = await alignFeatures(deps);
  const pending = [...new Set([...withoutKeys, ...withoutFeatures])];
  const done = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.healthy(nodeId) && !pending.includes(nodeId));
  await deps.versions.catchUpShared(done);
  return { pending };
}
