/**
 * A router learns of another one's settings changes when it gets the turn on the index. Nobody tells it that they have
 * ended, so it looks: otherwise it would take the index for one that is changing, and leave alone what drifts.
 */
import type { TaskStore } from "../../store/task-store.ts";
import type { OpenChanges } from "./open-changes.ts";

export interface EndedChangesDeps {
  readonly changes: Pick<OpenChanges, "all" | "remove">;
  readonly taskStore: Pick<TaskStore, "list">;
}

export async function forgetEndedChanges({ changes, taskStore }: EndedChangesDeps): Promise<void> {
  // What begins after this moment is not looked at.
  const known = changes.all();
  if (known.length === 0) return;
  const open = await taskStore.list(
    { types: ["settingsUpdate"], statuses: ["enqueued", "processing"] },
    { limit: OPEN_MAX },
  );
  if (open.total > open.tasks.length) return;
  const still = new Set(open.tasks.map(({ uid }) => uid));
  for (const { indexUid, taskUid } of known) if (!still.has(taskUid)) changes.remove(indexUid, taskUid);
}

/** With more than this at once some have not ended in any case. */
const OPEN_MAX = 10_000;
