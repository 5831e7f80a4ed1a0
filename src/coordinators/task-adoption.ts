/** Takes over what a router that has died has left: its open tasks, and indexes that it was making. */
import type { Membership } from "../services/routers/membership.ts";
import type { Coordinator } from "./coordinator.ts";

export interface TaskAdoptionDeps {
  readonly membership: Pick<Membership, "alive" | "onChange">;
  /** Takes over what belongs to no living router; nothing to do is the usual case. */
  readonly adopt: () => Promise<void>;
}

export function taskAdoption({ membership, adopt }: TaskAdoptionDeps): Coordinator {
  return {
    name: "task-adoption",
    intervalMs: INTERVAL_MS,
    tick: async () => {
      if (membership.alive()) await adopt();
    },
    onStart: (hurry) => membership.onChange(() => hurry(0)),
  };
}

/** Beside every change of the living: a router may have died and come back under its name between two looks. */
const INTERVAL_MS = 15_000;
