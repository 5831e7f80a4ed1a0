/** `LeaseStore` in maps. */
import type { Lease, LeaseStore } from "../lease-store.ts";

export function memoryLeaseStore(nowMs: () => number): LeaseStore {
  const fences = new Map<string, number>();
  const held = new Map<string, { readonly lease: Lease; readonly endsAt: number }>();
  const living = (scope: string): Lease | undefined => {
    const one = held.get(scope);
    return one !== undefined && one.endsAt > nowMs() ? one.lease : undefined;
  };
  const isHeld = ({ scope, number }: Lease): boolean => living(scope)?.number === number;
  return {
    acquire: async (scope, holder, ttlMs) => {
      if (living(scope) !== undefined) return undefined;
      const lease: Lease = { scope, holder, number: (fences.get(scope) ?? 0) + 1 };
      fences.set(scope, lease.number);
      held.set(scope, { lease, endsAt: nowMs() + ttlMs });
      return lease;
    },
    renew: async (lease, ttlMs) => {
      if (!isHeld(lease)) return false;
      held.set(lease.scope, { lease, endsAt: nowMs() + ttlMs });
      return true;
    },
    release: async (lease) => {
      if (isHeld(lease)) held.delete(lease.scope);
    },
    current: async (scope) => living(scope),
  };
}
