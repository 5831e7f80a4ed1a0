/**
 * Does a node still have the disk that it had? The newest task that each node has taken is kept as its mark; a node that
 * no longer knows it, or knows another one by its number, has come back empty or from an old copy. Found out before the
 * node counts as well again, and at the latest by the first write that it takes.
 */
import type { NodeTask } from "../../core/tasks/task.ts";
import type { Clock } from "../../platform/clock.ts";
import type { NodeMark, RepairStore } from "../../store/repair-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { diskLost } from "../../telemetry/events/anti-entropy.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { CheckDisk } from "./disk-doubts.ts";
import { newestTask } from "./has-carried-out.ts";

export interface NodeMarksDeps {
  readonly store: Pick<RepairStore, "marks" | "mark">;
  readonly nodeIds: () => readonly string[];
  /** What nodes are known to have been told, as far as it is at hand; asked where no mark was kept. */
  readonly told: () => Promise<readonly Pick<NodeTask, "nodeId" | "taskUid" | "status">[]>;
  /** Past limits and breaker: it is asked while the node counts as unwell. */
  client(nodeId: string): NodeClient;
  readonly clock: Pick<Clock, "nowMs">;
  readonly emit: Emit;
  /** The node has lost what it held. The first step of it happens at once. */
  readonly lost: (nodeId: string) => Promise<void>;
}

export interface NodeMarks {
  load(): Promise<void>;
  /** Told of every task that a node has taken. */
  note(nodeId: string, taskUid: number, enqueuedAt: string): void;
  /** `lost` is told once. */
  readonly check: CheckDisk;
  /** Keeps what is new; a little old is as good, since a node that has its disk knows its older tasks too. */
  flush(): Promise<void>;
}

export function createNodeMarks(deps: NodeMarksDeps): NodeMarks {
  const marks = new Map<string, NodeMark>();
  const unsaved = new Set<string>();

  const set = (mark: NodeMark): void => {
    marks.set(mark.nodeId, mark);
    unsaved.add(mark.nodeId);
  };

  const lose = async (nodeId: string): Promise<void> => {
    const known = marks.get(nodeId);
    deps.emit(diskLost, { nodeId, taskUid: known?.taskUid ?? NO_TASK });
    set({ nodeId, taskUid: NO_TASK, enqueuedAt: "" });
    await deps.lost(nodeId);
    await flush();
  };

  const flush = async (): Promise<void> => {
    const news = [...unsaved].flatMap((nodeId) => marks.get(nodeId) ?? []);
    if (news.length === 0) return;
    unsaved.clear();
    try {
      await deps.store.mark(news);
    } catch (error) {
      for (const { nodeId } of news) unsaved.add(nodeId);
      throw error;
    }
  };

  /** What it had when it was first asked: a router that ended before it kept a mark leaves none. */
  const setFirst = async (nodeId: string, signal?: AbortSignal): Promise<"same" | "unknown"> => {
    const newest = await newestTask(deps.client(nodeId), signal);
    if (newest === undefined) return "unknown";
    if (newest !== null && !marks.has(nodeId)) {
      set({ nodeId, taskUid: newest.uid, enqueuedAt: newest.enqueuedAt });
    }
    return "same";
  };

  return {
    async load() {
      for (const mark of await deps.store.marks()) marks.set(mark.nodeId, mark);
      const unmarked = new Set(deps.nodeIds().filter((nodeId) => !marks.has(nodeId)));
      if (unmarked.size === 0) return;
      // A router that ended before it had kept a mark may have answered a write, and has kept what it told the nodes.
      for (const { nodeId, taskUid, status } of await deps.told()) {
        if (taskUid === null || status === "lost" || !unmarked.has(nodeId)) continue;
        if (taskUid > (marks.get(nodeId)?.taskUid ?? NO_TASK)) marks.set(nodeId, { nodeId, taskUid, enqueuedAt: "" });
      }
    },

    note(nodeId, taskUid, enqueuedAt) {
      const known = marks.get(nodeId);
      if (known === undefined || taskUid > known.taskUid) return set({ nodeId, taskUid, enqueuedAt });
      // Answers of several lanes may overtake each other, but then an earlier number is of an earlier time.
      const isLater = Date.parse(enqueuedAt) > Date.parse(known.enqueuedAt) + CLOCK_STEP_MS;
      // What cannot be kept now is found again by the next check.
      if (isLater) lose(nodeId).catch(() => undefined);
    },

    async check(nodeId, signal) {
      const known = marks.get(nodeId);
      if (known === undefined) return setFirst(nodeId, signal);
      if (known.taskUid === NO_TASK) return "same";
      const outcome = await deps.client(nodeId).send(
        {
          method: "GET",
          path: `/tasks/${known.taskUid}`,
          operation: "tasks.get",
          timeoutMs: CHECK_TIMEOUT_MS,
          repeat: "safe",
        },
        signal,
      );
      if (outcome.kind === "unavailable") return "unknown";
      if (outcome.kind === "answered" && isSame(known, outcome.text)) return "same";
      if (outcome.kind === "refused" && outcome.error.code !== "task_not_found") return "unknown";
      await lose(nodeId);
      return "lost";
    },

    flush,
  };
}

function isSame(known: NodeMark, text: string): boolean {
  try {
    const { uid, enqueuedAt } = JSON.parse(text) as { uid?: unknown; enqueuedAt?: unknown };
    if (uid !== known.taskUid || typeof enqueuedAt !== "string") return false;
    // Of some it is not known when they were taken.
    const apartMs = Math.abs(Date.parse(enqueuedAt) - Date.parse(known.enqueuedAt));
    return Number.isNaN(apartMs) || apartMs <= CLOCK_STEP_MS;
  } catch {
    return false;
  }
}

const NO_TASK = -1;
/** Nodes print times with different precision in different places. */
const CLOCK_STEP_MS = 1;
const CHECK_TIMEOUT_MS = 2_000;
