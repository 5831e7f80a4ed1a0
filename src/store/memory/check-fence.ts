/** Refuses what a former holder of a lease still writes. */
import type { Fence, LeaseStore } from "../lease-store.ts";
import { leaseLost } from "../refusals.ts";

/** Without a fence everybody may write. */
export async function checkFence(leases: Pick<LeaseStore, "current">, fence: Fence | undefined): Promise<void> {
  if (fence === undefined) return;
  if ((await leases.current(fence.scope))?.number !== fence.number) throw leaseLost(fence.scope);
}
