/** What routers that have died have left, and this one before its start: tasks, and indexes that were being made. */
import type { TaskStatus, TaskType } from "../core/tasks/task.ts";
import { isOfAnother } from "../services/broadcast/take-away.ts";
import type { Catalog } from "../services/catalog/catalog.ts";
import type { DriftCheck } from "../services/admission/drift-check.ts";
import { openRenamings, renamingIndexes } from "../services/admission/renaming-indexes.ts";
import { type FollowDeps, followMaking } from "../services/admission/follow-making.ts";
import type { LifecycleDeps } from "../services/indexes/lifecycle-deps.ts";
import { type Making, recoverCreating } from "../services/indexes/recover-creating.ts";
import type { RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import type { TaskStore } from "../store/task-store.ts";

export interface AdoptionParts {
  readonly tasks: Pick<RunningTaskRegistry, "adopt">;
  readonly taskStore: Pick<TaskStore, "list">;
  readonly catalog: Pick<Catalog, "creating" | "get">;
  /** Its turns wait for no change of names, and its gate for no turn: both are taken here. */
  readonly indexes: LifecycleDeps & FollowDeps;
  readonly drift: Pick<DriftCheck, "repair">;
}

export interface Adoption {
  /** Takes over what belongs to no living router. */
  readonly adopt: () => Promise<void>;
  /** What is followed then is left to the next start. */
  readonly close: () => void;
}

export function buildAdoption({ tasks, taskStore, catalog, indexes, drift }: AdoptionParts): Adoption {
  const stopping = new AbortController();
  const followed = new Set<string>();
  const follow = (making: Making): void => {
    const { uid } = making;
    followed.add(uid);
    void followMaking(indexes, making, stopping.signal)
      // What could not be noted is told once more.
      .catch(() => undefined)
      .finally(() => void followed.delete(uid))
      .then(() => (stopping.signal.aborted ? undefined : drift.repair(uid)))
      .catch(() => undefined);
  };
  const isOpen = async (uid: string, types?: readonly TaskType[]): Promise<boolean> => {
    if (followed.has(uid)) return true;
    const filter = { statuses: OPEN, indexUids: [uid], ...(types === undefined ? {} : { types }) };
    const open = await taskStore.list(filter, { limit: LOOKED_AT_MAX });
    const entry = catalog.get(uid);
    // One of another index may even wait until this one has been made.
    if (open.total > open.tasks.length || !open.tasks.every((task) => isOfAnother(task, entry))) return true;
    // What nodes have by that name may be an index that is about to go back to its own.
    return renamingIndexes(await openRenamings(taskStore)).has(uid);
  };
  return {
    async adopt() {
      await tasks.adopt();
      await recoverCreating(indexes, { creating: catalog.creating(), isOpen, follow });
    },
    close: () => stopping.abort(new DOMException("The router is stopping.", "AbortError")),
  };
}

/** When an index has more open tasks, they are waited for without a look at them. */
const LOOKED_AT_MAX = 1_000;
const OPEN: readonly TaskStatus[] = ["enqueued", "processing"];
