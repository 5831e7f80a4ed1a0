/** `MovementStore` in a map. */
import type { LeaseStore } from "../lease-store.ts";
import type { Movement, MovementStore } from "../movement-store.ts";
import { checkFence } from "./check-fence.ts";

export function memoryMovementStore(leases: Pick<LeaseStore, "current">): MovementStore {
  const movements = new Map<string, Movement>();
  return {
    all: async () => [...movements.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    save: async (movement, fence) => {
      await checkFence(leases, fence);
      movements.set(movement.id, structuredClone(movement));
    },
    remove: async (id, fence) => {
      await checkFence(leases, fence);
      movements.delete(id);
    },
  };
}
