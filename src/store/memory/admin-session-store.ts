/** `AdminSessionStore` in a map. */
import type { AdminSession, AdminSessionStore } from "../admin-session-store.ts";

export function memoryAdminSessionStore(nowMs: () => number): AdminSessionStore {
  const sessions = new Map<string, { readonly session: AdminSession; readonly endsAt: number }>();
  const listeners: ((id: string) => void)[] = [];
  const living = (id: string): AdminSession | undefined => {
    const one = sessions.get(id);
    return one !== undefined && one.endsAt > nowMs() ? one.session : undefined;
  };
  return {
    put: async (session, ttlMs) =>
      void sessions.set(session.id, { session: structuredClone(session), endsAt: nowMs() + ttlMs }),
    get: async (id) => living(id),
    revoke: async (id) => {
      if (living(id) === undefined) return false;
      sessions.delete(id);
      for (const listener of listeners) listener(id);
      return true;
    },
    onRevoked: (listener) => void listeners.push(listener),
  };
}
