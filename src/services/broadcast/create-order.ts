/** What tells a node to make an index. */
import type { NodeTaskRole } from "../../core/tasks/task.ts";
import type { Order } from "./broadcast.ts";

/** One that is there stays as it is. */
export function createOrder(uid: string, primaryKey: string | null, role: NodeTaskRole): Order {
  return {
    request: {
      method: "POST",
      path: "/indexes",
      operation: "indexes.create",
      timeoutMs: ENQUEUE_TIMEOUT_MS,
      repeat: "once",
      body: JSON.stringify({ uid, primaryKey }),
    },
    role,
    tolerated: ["index_already_exists"],
  };
}

/** Time a node has to take a task into its queue; carrying it out may take hours. */
export const ENQUEUE_TIMEOUT_MS = 30_000;
