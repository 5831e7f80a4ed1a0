/** The store of the tasks, which also says when one of them has ended. */
import type { TaskStore } from "../../store/task-store.ts";
import { hasEnded } from "../tasks/task-changes.ts";

export function noticeEnds(store: TaskStore, ended: () => void): TaskStore {
  return {
    ...store,
    update: async (uid, change) => {
      await store.update(uid, change);
      if (change.status !== undefined && hasEnded({ status: change.status })) ended();
    },
  };
}
