/** Clients of the simulated router: writers, readers, and one that looks at tasks. Everything they see is judged. */
import type { Dice } from "./dice.ts";
import { ENDED, EXPECTED_REFUSALS, HAS_ENDED, RANKS } from "./expected-answers.ts";
import type { Claims, Doc, IndexName, WriteRecord } from "./history.ts";
import { createAnswerJudge } from "./judge-answers.ts";
import {
  addition,
  type Expires,
  KEYS,
  type PlannedWrite,
  otherName,
  planCreation,
  planDeletion,
  planRename,
  planSettings,
  planWrite,
  SETTINGS,
  settingState,
  SWAP,
} from "./plan-writes.ts";
import type { ClientAnswer, SimulatedRouter } from "./simulated-router.ts";
import type { Timeline } from "./timeline.ts";

export interface Workload {
  readonly writes: readonly WriteRecord[];
  /** A writer that sends one write after another; resolves when it has sent them all. */
  writer(count: number, pauseMs: number): Promise<void>;
  /** As a writer, of settings, and of names where there are two indexes. */
  administrator(count: number, pauseMs: number): Promise<void>;
  reader(count: number, pauseMs: number): Promise<void>;
  taskWatcher(untilMs: number): Promise<void>;
  /** Asks for the task of every acknowledged write that was not seen to end; says whether all have. */
  askTasks(): Promise<boolean>;
  /** One more write to each index, after everything has healed; says whether they were acknowledged. */
  closingWrite(): Promise<boolean>;
  /** One search and one list of each index; says whether all were complete. */
  readAll(): Promise<boolean>;
  readsJudged(): number;
}

export interface WorkloadParts {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly router: SimulatedRouter;
  readonly violate: (rule: string, text: string) => void;
  readonly note: (text: string) => void;
  /** Deletes by filter need an index whose settings are known to be there. */
  readonly deletesByFilter: boolean;
  readonly indexes: readonly IndexName[];
  /** One of the indexes is not there at first; the other gets its name. */
  readonly renames: boolean;
  /** The index is deleted now and then, and made. */
  readonly deletes: boolean;
  /** Somebody has changed settings on a node behind the router's back. */
  readonly isEdited: () => boolean;
  /** Absent: documents do not expire. */
  readonly expires?: Expires | undefined;
  readonly expiry: () => Pick<Claims, "expiry">;
}

export function createWorkload(parts: WorkloadParts): Workload {
  const { timeline, dice, router, violate, indexes } = parts;
  const writes: WriteRecord[] = [];
  let reads = 0;
  const judge = createAnswerJudge({ timeline, writes, violate, expiry: parts.expiry });
  const lastSeen = new Map<number, { readonly rank: number; readonly text: string }>();
  const pause = (durationMs: number): Promise<void> =>
    new Promise((resolve) => void timeline.after(durationMs, resolve));

  async function writeOnce(planned: PlannedWrite): Promise<WriteRecord> {
    const write: WriteRecord = {
      number: writes.length,
      kind: planned.kind,
      text: `${planned.method} ${planned.path} ${JSON.stringify(planned.body ?? null)}`,
      effectOn: planned.effectOn,
      beganMs: timeline.nowMs(),
      endedMs: Infinity,
      outcome: "open",
      code: null,
      taskUid: null,
      taskStatus: null,
      taskError: null,
      seenSucceededMs: Infinity,
    };
    writes.push(write);
    parts.note(`write ${write.number}: ${write.text}`);
    const answer = await router.request(planned.method, planned.path, planned.body);
    takeAnswer(write, answer);
    parts.note(`write ${write.number} ${write.outcome} ${write.code ?? ""} task ${write.taskUid}`);
    return write;
  }

  function takeAnswer(write: WriteRecord, answer: ClientAnswer): void {
    write.endedMs = timeline.nowMs();
    if (answer.kind === "lost") {
      write.outcome = answer.sent ? "lost" : "unsent";
      return;
    }
    const body = answer.body as { taskUid?: number; code?: string; message?: string };
    if (answer.status === 202) {
      write.outcome = "acknowledged";
      write.taskUid = body.taskUid ?? null;
      return;
    }
    write.outcome = "refused";
    write.code = body.code ?? null;
    // The router has answered that it takes too long, and works on.
    if (body.code === "miroir_request_timeout") {
      write.outcome = "unsettled";
      write.endedMs = Infinity;
    }
    if (!EXPECTED_REFUSALS.has(body.code ?? "")) {
      violate("R0", `write ${write.number} (${write.text}) was answered with ${answer.status} ${JSON.stringify(body)}`);
    }
  }

  async function askTask(write: WriteRecord): Promise<boolean> {
    const uid = write.taskUid;
    if (uid === null) return true;
    const answer = await router.request("GET", `/tasks/${uid}`);
    if (answer.kind === "lost") return false;
    const task = answer.body as { status?: string; error?: { message?: string } | null };
    if (answer.status === 404) {
      violate("R9", `task ${uid}, answered to a client, is not known: ${JSON.stringify(answer.body)}`);
      return true;
    }
    if (answer.status !== 200) return false;
    const status = task.status ?? "";
    const rank = RANKS[status] ?? -1;
    const before = lastSeen.get(uid);
    // A node that gets its part late is shown in the details until it has it; the task has ended all the same.
    const text = rank === ENDED ? JSON.stringify({ ...task, details: null }) : status;
    if (
      before !== undefined &&
      (rank < before.rank || (rank === ENDED && before.rank === ENDED && text !== before.text))
    ) {
      violate("R9", `task ${uid} went back: ${before.text} then ${JSON.stringify(answer.body)}`);
    }
    lastSeen.set(uid, { rank, text });
    write.taskStatus = status;
    write.taskError = task.error?.message ?? null;
    if (status === "succeeded" && write.seenSucceededMs === Infinity) write.seenSucceededMs = timeline.nowMs();
    return rank === ENDED;
  }

  /** Where an index changes its name, clients know that, and rarely use the other name, which would make it anew. */
  let named: IndexName = "films";
  const anIndex = (): IndexName => {
    if (parts.renames) return dice.chance(0.95) ? named : dice.pick(indexes);
    return indexes.length === 1 ? (indexes[0] as IndexName) : dice.pick(indexes);
  };

  async function changeNames(): Promise<void> {
    const isRename = parts.renames && dice.chance(0.9);
    const { outcome } = await writeOnce(isRename ? planRename(named) : SWAP);
    if (isRename && outcome === "acknowledged") named = otherName(named);
  }

  async function read(kind: "search" | "list", index: IndexName): Promise<boolean> {
    const askedMs = timeline.nowMs();
    const answer =
      kind === "search"
        ? await router.request("POST", `/indexes/${index}/search`, { q: "", limit: 1000 })
        : await router.request("GET", `/indexes/${index}/documents?limit=1000`);
    if (!judge.isRead(kind, index, answer)) return false;
    const body = answer.body as { hits?: Doc[]; results?: Doc[] };
    reads += 1;
    judge.judgeList(kind, index, body.hits ?? body.results ?? [], answer.degraded !== null, askedMs);
    return answer.degraded === null;
  }

  async function readOne(): Promise<void> {
    const key = dice.pick(KEYS);
    const index = anIndex();
    const askedMs = timeline.nowMs();
    const answer = await router.request("GET", `/indexes/${index}/documents/${key}`);
    if (!judge.isRead("document", index, answer)) return;
    judge.judgeState("document", index, key, answer.status === 404 ? null : (answer.body as Doc), askedMs);
  }

  async function readSettings(): Promise<void> {
    const askedMs = timeline.nowMs();
    const index = anIndex();
    const answer = await router.request("GET", `/indexes/${index}/settings`);
    // Until the next check, what somebody has put there is shown.
    if (parts.isEdited()) return;
    if (!judge.isRead("settings", index, answer) || answer.status !== 200) return;
    reads += 1;
    for (const name of SETTINGS)
      judge.judgeState("settings", index, name, settingState(answer.body as Doc, name), askedMs);
  }

  return {
    writes,
    async writer(count, pauseMs) {
      for (let sent = 0; sent < count; sent += 1) {
        await pause(dice.between(0, 2 * pauseMs));
        await writeOnce(planWrite(dice, writes.length, anIndex(), parts.deletesByFilter, parts.expires));
      }
    },
    async administrator(count, pauseMs) {
      for (let sent = 0; sent < count; sent += 1) {
        await pause(dice.between(0, 2 * pauseMs));
        if (indexes.length > 1 && dice.chance(0.6)) await changeNames();
        else if (parts.deletes && dice.chance(0.6)) {
          await writeOnce(dice.chance(0.6) ? planDeletion(anIndex()) : planCreation(anIndex()));
        } else await writeOnce(planSettings(dice, writes.length, anIndex()));
        if (dice.chance(0.5)) await readSettings();
      }
    },
    async reader(count, pauseMs) {
      for (let sent = 0; sent < count; sent += 1) {
        await pause(dice.between(0, 2 * pauseMs));
        if (dice.chance(0.25)) await readOne();
        else await read(dice.chance(0.6) ? "search" : "list", anIndex());
      }
    },
    async taskWatcher(untilMs) {
      while (timeline.nowMs() < untilMs) {
        await pause(dice.between(100, 600));
        const open = writes.filter(({ taskUid, seenSucceededMs }) => taskUid !== null && seenSucceededMs === Infinity);
        const known = writes.filter(({ taskUid }) => taskUid !== null);
        const list = dice.chance(0.8) ? open : known;
        if (list.length > 0) await askTask(dice.pick(list));
      }
    },
    async askTasks() {
      let ended = true;
      for (const write of writes) {
        if (!HAS_ENDED.has(write.taskStatus ?? "") && !(await askTask(write))) ended = false;
      }
      return ended;
    },
    readsJudged: () => reads,
    async closingWrite() {
      let acknowledged = true;
      for (const index of indexes) {
        const { outcome } = await writeOnce(addition(dice, writes.length, index, "POST", parts.expires));
        if (outcome !== "acknowledged") acknowledged = false;
      }
      return acknowledged;
    },
    async readAll() {
      let complete = true;
      for (const index of indexes) {
        if (!(await read("search", index))) complete = false;
        if (!(await read("list", index))) complete = false;
      }
      return complete;
    },
  };
}
