/** `SessionStore` in a map. */
import type { Session, SessionStore } from "../session-store.ts";

export function memorySessionStore(nowMs: () => number): SessionStore {
  const sessions = new Map<string, { readonly session: Session; readonly endsAt: number }>();
  return {
    put: async (session, ttlMs) => void sessions.set(session.id, { session, endsAt: nowMs() + ttlMs }),
    get: async (id) => {
      const one = sessions.get(id);
      return one !== undefined && one.endsAt > nowMs() ? one.session : undefined;
    },
    remove: async (id) => void sessions.delete(id),
  };
}
