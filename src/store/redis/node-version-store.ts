/** `NodeVersionStore` in Redis: a hash per index and node, and sets of their names. Other routers are told of changes. */
import type { NodeSettingsVersion, NodeVersionStore } from "../node-version-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import changeText from "./scripts/change-node-versions.lua" with { type: "text" };
import { fieldsOf } from "./task-hash.ts";

const PREFIX = "miroir:node_settings_version:";
const changeScript = script(changeText);

export function redisNodeVersionStore(redis: RedisConnection): NodeVersionStore {
  return {
    all: async () => {
      const names = (await redis.command<string[]>("SMEMBERS", `${PREFIX}_index`)).toSorted();
      const rows = await redis.commands(names.map((name) => ["HGETALL", PREFIX + name] as const));
      const all = rows.flatMap((row, place): NodeSettingsVersion[] => {
        const { version, updated_at, index_created_at = "" } = fieldsOf(row);
        if (version === undefined) return [];
        const createdAt = index_created_at === "" ? null : Number(index_created_at);
        return [{ ...namesOf(names[place] ?? ""), createdAt, version: Number(version), updatedAt: Number(updated_at) }];
      });
      return all.toSorted((a, b) => compare(a.indexUid, b.indexUid) || compare(a.nodeId, b.nodeId));
    },
    change: async ({ removeIndexes = [], put = [] }) => {
      if (removeIndexes.length + put.length === 0) return;
      const rows = put.flatMap((row) => [row.indexUid, row.nodeId, row.version, row.updatedAt, row.createdAt ?? ""]);
      await runScript(redis, changeScript, removeIndexes.length, ...removeIndexes, ...rows);
    },
  };
}

/** The name of an index has no colon; that of a node may have. */
function namesOf(name: string): { readonly indexUid: string; readonly nodeId: string } {
  const colon = name.indexOf(":");
  return { indexUid: name.slice(0, colon), nodeId: name.slice(colon + 1) };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
