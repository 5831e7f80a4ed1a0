/** Tells the registry how every kind of task goes on when the nodes have done their part. */
import { editFlow } from "../services/documents/edit-documents.ts";
import { createIndexFlow } from "../services/indexes/create-index.ts";
import { deleteIndexFlow } from "../services/indexes/delete-index.ts";
import { ensureIndexFlow } from "../services/indexes/ensure-index.ts";
import type { LifecycleDeps } from "../services/indexes/lifecycle-deps.ts";
import { swapIndexesFlow } from "../services/indexes/swap-indexes.ts";
import { updateIndexFlow } from "../services/indexes/update-index.ts";
import { settingsFlow, type SettingsFlowDeps } from "../services/settings/settings-flow.ts";
import { cancelFlow } from "../services/tasks/cancel-tasks.ts";
import type { RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import { deleteFlow } from "../services/tasks/delete-tasks.ts";
import type { TaskStore } from "../store/task-store.ts";

export interface FlowParts {
  readonly tasks: RunningTaskRegistry;
  readonly taskStore: TaskStore;
  readonly indexes: LifecycleDeps;
  readonly settings: SettingsFlowDeps;
  /** Copies of every document in the fleet: groups times replication factor. */
  readonly copies: () => number;
}

export function addFlows({ tasks, taskStore, indexes, settings, copies }: FlowParts): void {
  const flows = [
    createIndexFlow(indexes),
    updateIndexFlow(indexes),
    swapIndexesFlow(indexes),
    deleteIndexFlow({ ...indexes, copies }),
    ensureIndexFlow(indexes),
    settingsFlow(settings),
    cancelFlow({ registry: tasks, clock: indexes.clock }),
    deleteFlow({ store: taskStore }),
    editFlow(),
  ];
  for (const flow of flows) tasks.addFlow(flow);
}
