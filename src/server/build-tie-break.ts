/** `search.tie_break` on existing indexes: what is done before the first read, and the loop that does the rest. */
import type { Coordinator } from "../coordinators/coordinator.ts";
import { tieBreak } from "../coordinators/tie-break.ts";
import { createTieBreakChange, type TieBreakDeps } from "../services/settings/change-tie-break.ts";
import type { Task } from "../core/tasks/task.ts";

export interface TieBreakParts {
  readonly coordinator: Coordinator;
  readonly prepare: () => Promise<void>;
}

export function buildTieBreak(
  deps: Omit<TieBreakDeps, "swapping">,
  tasks: { readonly openTasks: () => readonly Pick<Task, "type">[] },
): TieBreakParts {
  // A name can change in both: by an exchange, and by an update of an index.
  const swapping = (): boolean => tasks.openTasks().some(({ type }) => type === "indexSwap" || type === "indexUpdate");
  const change = createTieBreakChange({ ...deps, swapping });
  return { coordinator: tieBreak(change), prepare: () => change.prepare() };
}
