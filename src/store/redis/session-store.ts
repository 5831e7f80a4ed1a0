/** `SessionStore` in Redis: a hash per session that ends by itself. */
import type { Session, SessionStore } from "../session-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import putText from "./scripts/put-session.lua" with { type: "text" };
import { fieldsOf } from "./task-hash.ts";

const putScript = script(putText);
const COLUMNS = {
  last_write_task: "lastWriteTask",
  last_write_at: "lastWriteAt",
  pinned_group: "pinnedGroup",
  min_settings_version: "minSettingsVersion",
} as const;

export function redisSessionStore(redis: RedisConnection): SessionStore {
  return {
    put: async (session, ttlMs) => {
      const fields = Object.entries(COLUMNS).flatMap(([column, name]) =>
        session[name] === null ? [] : [column, session[name]],
      );
      // A hash without fields does not exist; this one says that the session does.
      await runScript(redis, putScript, keyOf(session.id), ttlMs, "v", 1, ...fields);
    },
    get: async (id) => {
      const fields = fieldsOf(await redis.command("HGETALL", keyOf(id)));
      if (fields["v"] === undefined) return undefined;
      const values = Object.entries(COLUMNS).map(([column, name]) => {
        const text = fields[column];
        return [name, text === undefined ? null : Number(text)] as const;
      });
      return { id, ...Object.fromEntries(values) } as unknown as Session;
    },
    remove: async (id) => void (await redis.command("DEL", keyOf(id))),
  };
}

function keyOf(id: string): string {
  return `miroir:session:${id}`;
}
