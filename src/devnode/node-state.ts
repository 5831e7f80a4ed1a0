/** Everything one node knows, and the only place that restores and records it. */
import type { SearchIndex } from "./index/search-index.ts";
import { KeyStore, type ApiKey } from "./keys/key-store.ts";
import { NodeError } from "./node-error.ts";
import { openJournal, type Journal } from "./tasks/journal.ts";
import { createTaskRunner } from "./tasks/run-task.ts";
import { TaskQueue } from "./tasks/task-queue.ts";
import type { Task } from "./tasks/task.ts";

export const FEATURES = [
  "metrics",
  "logsRoute",
  "editDocumentsByFunction",
  "containsFilter",
  "dynamicSearchRules",
  "network",
  "getTaskDocumentsRoute",

  "taskQueueCompactionRoute",
  "compositeEmbedders",
  "chatCompletions",
  "multimodal",
  "foreignKeys",
  "disableDocumentsFetchQueue",
  "legacySearch",
  "renderRoute",
];

interface SavedState {
  readonly keys: readonly ApiKey[];
  readonly features: Readonly<Record<string, boolean>>;
}

export class NodeState {
  readonly indexes = new Map<string, SearchIndex>();
  readonly queue: TaskQueue;
  readonly keyStore: KeyStore;
  features: Readonly<Record<string, boolean>> = Object.fromEntries(FEATURES.map((name) => [name, false]));
  private readonly journal: Journal;

  constructor(masterKey: string | null, dataDir: string | undefined) {
    this.journal = openJournal(dataDir);
    this.queue = new TaskQueue(createTaskRunner(this.indexes), {
      enqueued: (task) => this.journal.append({ kind: "task", value: task }),
      finished: (task) => this.journal.append({ kind: "outcome", value: { ...task, content: undefined } }),
    });
    this.keyStore = new KeyStore(masterKey, () => this.save());
    this.restore();
    if (masterKey !== null && this.keyStore.keys.length === 0) this.keyStore.createDefaults();
    this.queue.resume();
  }

  /** Records keys and features as they stand now. */
  save(): void {
    const value: SavedState = { keys: this.keyStore.keys, features: this.features };
    this.journal.append({ kind: "state", value });
  }

  index(uid: string): SearchIndex {
    const index = this.indexes.get(uid);
    if (index === undefined) throw new NodeError("index_not_found", `Index \`${uid}\` not found.`);
    return index;
  }

  close(): void {
    this.queue.stop();
    this.journal.close();
  }

  private restore(): void {
    for (const { kind, value } of this.journal.lines()) {
      if (kind === "task") this.queue.restore(value as Task);
      else if (kind === "outcome") this.queue.restoreOutcome(value as Task);
      else {
        const saved = value as SavedState;
        this.keyStore.keys = saved.keys;
        this.features = saved.features;
      }
    }
  }
}
