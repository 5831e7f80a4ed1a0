/** Puts together what keeps changes of names and everything else that is written to an index apart. */
import type { Task } from "../core/tasks/task.ts";
import type { Clock } from "../platform/clock.ts";
import { renamingIndexes } from "../services/admission/renaming-indexes.ts";
import { EDIT_DOCUMENTS } from "../services/documents/edit-documents.ts";
import type { Sequences } from "../services/documents/sequences.ts";
import { SETTLING } from "../services/indexes/swap-data.ts";
import { createRenames, type Renames } from "../services/routers/renames.ts";
import type { Turns } from "../services/routers/turns.ts";
import type { OpenChanges } from "../services/settings/open-changes.ts";
import type { RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import { hasEnded } from "../services/tasks/task-changes.ts";
import type { Store } from "../store/store.ts";
import type { NewTask, TaskFilter } from "../store/task-store.ts";
import type { Routers } from "./build-routers.ts";

export interface RenamesParts {
  readonly routers: Pick<Routers, "turns" | "onTurn">;
  readonly store: Pick<Store, "tasks" | "changes">;
  readonly tasks: Pick<RunningTaskRegistry, "openTasks" | "unsure" | "get">;
  readonly sequences: () => Pick<Sequences, "unlearn">;
  readonly clock: Clock;
}

export interface BuiltRenames {
  /** For everything that writes to an index and is not a change of names. */
  readonly turns: Turns;
  readonly renames: Renames;
}

export function buildRenames({ routers, store, tasks, sequences, clock }: RenamesParts): BuiltRenames {
  const renames = createRenames({
    turns: routers.turns,
    clock,
    async quiet(names) {
      const isBusy = (task: NewTask): boolean => isUndecided(task, names) || isRenaming(task, names);
      if (tasks.openTasks().some(isBusy) || tasks.unsure().some(isBusy)) return false;
      if (!store.changes.shared) return true;
      const { tasks: open } = await store.tasks.list({ ...OPEN, indexUids: names }, { limit: OPEN_MAX });
      return !open.some(isBusy);
    },
    async isOver(taskUid) {
      const task = await tasks.get(taskUid);
      return task === undefined || hasEnded(task) || renamingIndexes([task]).size === 0;
    },
    unsure: (names) => tasks.unsure().some((task) => isRenaming(task, names)),
    changed: (name) => sequences().unlearn(name),
  });
  routers.onTurn(async (indexUid) => {
    const { tasks: open } = await store.tasks.list({ ...OPEN, types: RENAMING }, { limit: OPEN_MAX });
    resumeRenames(renames, open, indexUid);
  });
  return { turns: renames.turns, renames };
}

export interface UnderWayParts {
  readonly store: Pick<Store, "tasks" | "changes">;
  readonly changes: Pick<OpenChanges, "recover">;
  readonly renames: Pick<Renames, "resume">;
}

/** At the start. Where routers share a store, each reads what is under way when it gets the turn on an index. */
export async function readUnderWay({ store, changes, renames }: UnderWayParts): Promise<void> {
  if (store.changes.shared) return;
  const unfinished = await store.tasks.unfinished();
  changes.recover(unfinished);
  resumeRenames(renames, unfinished);
}

function resumeRenames(renames: Pick<Renames, "resume">, open: readonly Task[], indexUid?: string): void {
  for (const task of open) {
    const names = renamingIndexes([task]);
    if (names.size > 0 && (indexUid === undefined || names.has(indexUid))) renames.resume(task.uid, [...names]);
  }
}

/** It goes on under the name after the nodes have done their part; an edit only words what they say. */
function isUndecided(task: NewTask, names: readonly string[]): boolean {
  if (task.flow === null || task.flow.kind === EDIT_DOCUMENTS || hasEnded(task)) return false;
  // What is left of it concerns nodes that do not serve, and is told by what they have.
  if (task.flow.step === SETTLING) return false;
  return task.indexUid !== null && names.includes(task.indexUid);
}

/** Decided, but not noted as ended yet: taken up after a crash, it must not find another change behind it. */
function isRenaming(task: NewTask, names: readonly string[]): boolean {
  return !hasEnded(task) && renamingIndexes([task]).intersection(new Set(names)).size > 0;
}

const OPEN = { statuses: ["enqueued", "processing"] } as const satisfies TaskFilter;
const RENAMING = ["indexSwap", "indexUpdate"] as const;
/** More tasks of these indexes are not open at once, or their writes would be refused. */
const OPEN_MAX = 10_000;
