/**
 * Documents on their way to another place: shards that move to another node, indexes that get another number of shards.
 * Written after every step, so that whoever goes on with it after a crash knows where.
 */
import type { Fence } from "./lease-store.ts";

export interface Movement {
  readonly id: string;
  readonly kind: "move" | "reshard";
  /** How far it has come; its shape belongs to whoever moves. */
  readonly state: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

/** Writes reject with `miroir_taken_over` when the lease under which documents move is lost. */
export interface MovementStore {
  /** Sorted by id. */
  all(): Promise<readonly Movement[]>;
  save(movement: Movement, fence?: Fence): Promise<void>;
  remove(id: string, fence?: Fence): Promise<void>;
}
