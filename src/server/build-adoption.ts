/** What routers that have died have left, and this one before its start: tasks, and indexes that were being made. */
import type { Catalog } from "../services/catalog/catalog.ts";
import type { DriftCheck } from "../services/admission/drift-check.ts";
import type { LifecycleDeps } from "../services/indexes/lifecycle-deps.ts";
import { recoverCreating } from "../services/indexes/recover-creating.ts";
import type { RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import type { TaskStore } from "../store/task-store.ts";

export interface AdoptionParts {
  readonly tasks: Pick<RunningTaskRegistry, "adopt">;
  readonly taskStore: Pick<TaskStore, "list">;
  readonly catalog: Pick<Catalog, "creating">;
  /** Its turns wait for no change of names, and its gate for no turn: both are taken here. */
  readonly indexes: LifecycleDeps;
  readonly drift: Pick<DriftCheck, "repair">;
}

export function buildAdoption({ tasks, taskStore, catalog, indexes, drift }: AdoptionParts): () => Promise<void> {
  return async () => {
    await tasks.adopt();
    const isOpen = async (uid: string): Promise<boolean> =>
      (await taskStore.list({ statuses: ["enqueued", "processing"], indexUids: [uid] }, { limit: 1 })).total > 0;
    const look = (uid: string): void => void drift.repair(uid).catch(() => undefined);
    await recoverCreating(indexes, { creating: catalog.creating(), isOpen, look });
  };
}
