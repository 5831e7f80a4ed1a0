/** `AdminSessionStore` in Redis: `miroir:admin_session:<id>`, a hash that ends by itself; revocations are told through a channel. */
import type { AdminSession, AdminSessionStore } from "../admin-session-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import putText from "./scripts/put-session.lua" with { type: "text" };
import revokeText from "./scripts/revoke-admin-session.lua" with { type: "text" };

const putScript = script(putText);
const revokeScript = script(revokeText);

export function redisAdminSessionStore(redis: RedisConnection): AdminSessionStore {
  return {
    put: async (session, ttlMs) => {
      const text = JSON.stringify({ ...session, adminKeyHash: session.adminKeyHash.toHex() });
      await runScript(redis, putScript, keyOf(session.id), ttlMs, "session", text);
    },
    get: async (id) => {
      const [text, revoked] = await redis.command<readonly (string | null)[]>("HMGET", keyOf(id), "session", "revoked");
      return typeof text !== "string" || revoked === "1" ? undefined : toSession(text);
    },
    revoke: async (id) => (await runScript(redis, revokeScript, keyOf(id), id)) === 1,
    onRevoked: (listener) => redis.subscribe("miroir:admin_session:revoked", listener),
  };
}

function keyOf(id: string): string {
  return `miroir:admin_session:${id}`;
}

function toSession(text: string): AdminSession {
  const packed = JSON.parse(text) as Omit<AdminSession, "adminKeyHash"> & { readonly adminKeyHash: string };
  return { ...packed, adminKeyHash: Uint8Array.fromHex(packed.adminKeyHash) };
}
