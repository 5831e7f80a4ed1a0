/** `TopologyStore` in one hash; the epoch stands beside the text so that every insertion of a task can compare it. */
import type { StoredTopology, TopologyStore } from "../topology-store.ts";
import { storeLost } from "../refusals.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import saveText from "./scripts/save-topology.lua" with { type: "text" };

const saveScript = script(saveText);
const KEY = "miroir:topology";

export interface RedisTopologyStore extends TopologyStore {
  /** What `follow` was told last (0 before), and the name of the store that was followed. */
  followed(): { readonly epoch: number; readonly store: string };
  /** Rejects when the server has lost what this router relies on. */
  checkStore(): Promise<void>;
}

/** `run` names the store if nobody has done so. */
export function redisTopologyStore(redis: RedisConnection, run: string): RedisTopologyStore {
  let followed = 0;
  let store = "";
  const name = async (): Promise<string> => (await redis.command<string | null>("HGET", KEY, "store")) ?? "";
  return {
    load: async () => {
      const [text, named] = await redis.command<readonly (string | null)[]>("HMGET", KEY, "topology", "store");
      // Another server in its place is not followed by anything but a restart.
      if (followed === 0) store = named ?? "";
      return text === null || text === undefined ? undefined : (JSON.parse(text) as StoredTopology);
    },
    save: async (next, expectedEpoch) => {
      const isSaved = (await runScript(redis, saveScript, expectedEpoch, next.epoch, JSON.stringify(next), run)) === 1;
      if (isSaved && followed === 0) store = await name();
      return isSaved;
    },
    follow: (epoch) => {
      followed = epoch;
    },
    followed: () => ({ epoch: followed, store }),
    checkStore: async () => {
      if (followed !== 0 && (await name()) !== store) throw storeLost();
    },
  };
}
