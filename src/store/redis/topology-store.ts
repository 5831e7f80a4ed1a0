/** `TopologyStore` in one hash; the epoch stands beside the text so that every insertion of a task can compare it. */
import type { StoredTopology, TopologyStore } from "../topology-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import saveText from "./scripts/save-topology.lua" with { type: "text" };

const saveScript = script(saveText);

export interface RedisTopologyStore extends TopologyStore {
  /** What `follow` was told last; 0 before. */
  epoch(): number;
}

export function redisTopologyStore(redis: RedisConnection): RedisTopologyStore {
  let followed = 0;
  return {
    load: async () => {
      const text = await redis.command<string | null>("HGET", "miroir:topology", "topology");
      return text === null ? undefined : (JSON.parse(text) as StoredTopology);
    },
    save: async (next, expectedEpoch) =>
      (await runScript(redis, saveScript, expectedEpoch, next.epoch, JSON.stringify(next))) === 1,
    follow: (epoch) => {
      followed = epoch;
    },
    epoch: () => followed,
  };
}
