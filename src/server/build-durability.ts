/** What keeps writes from being lost on their way: lanes, hints, and the memory of who has missed, failed or lost what. */
import type { Config } from "../config/config.ts";
import type { Lanes } from "../scatter/lane.ts";
import type { NodeClient } from "../nodes/node-client.ts";
import type { NodeTask, Task } from "../core/tasks/task.ts";
import type { Clock } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { createSuspicions, type Suspicions } from "../services/anti-entropy/suspicions.ts";
import type { MissedWrites } from "../services/broadcast/missed-writes.ts";
import { createWriteHolds, type WriteHolds } from "../services/documents/write-holds.ts";
import { createWriteWatch, type WriteWatch } from "../services/documents/write-watch.ts";
import { createWriteVersions, noVersions, type WriteVersions } from "../services/documents/write-versions.ts";
import type { Fleet } from "../services/fleet/fleet.ts";
import { createNodeMarks, type NodeMarks } from "../services/fleet/node-marks.ts";
import { createHints } from "../services/hints/create-hints.ts";
import type { Hints } from "../services/hints/hints.ts";
import { createStrays, type Strays } from "../services/hints/strays.ts";
import { createRepairStates, type RepairStates } from "../services/hints/repair-states.ts";
import type { NodeTaskTaken } from "../services/hints/replay-hints.ts";
import { createTaskRegistry, type RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import type { Store } from "../store/store.ts";
import type { TaskStore } from "../store/task-store.ts";
import type { Emit } from "../telemetry/event.ts";
import { laneDepthChanged } from "../telemetry/events/writes.ts";
import { missedWrites } from "./build-admission.ts";
import { lanesInTurn } from "./follow-others.ts";
import type { Routers } from "./build-routers.ts";
import type { Limits } from "./limits.ts";
import type { Surroundings } from "./surroundings.ts";

export interface DurabilityParts {
  readonly config: Pick<Config, "hints">;
  readonly store: Pick<Store, "check" | "hints" | "repairs" | "tombstones" | "spool">;
  /** Of the tasks: what is noted there may be watched by others. */
  readonly taskStore: TaskStore;
  readonly around: Pick<Surroundings, "spool">;
  readonly routers: Pick<Routers, "turns" | "watch" | "sequenceClock">;
  readonly fleet: Fleet;
  /** Past limits and breaker. */
  readonly probeClient: (nodeId: string) => NodeClient;
  /** The node takes no writes yet, for another reason than those it has missed. */
  readonly closed: (nodeId: string) => boolean;
  /** Its keys, indexes and settings have to be looked at again before it serves. */
  readonly diskLost: (nodeId: string) => void;
  readonly limits: Pick<Limits, "hints" | "versions">;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
}

export interface Durability {
  readonly tasks: RunningTaskRegistry;
  readonly suspicions: Suspicions;
  readonly versions: WriteVersions;
  readonly hints: Hints;
  readonly strays: Strays;
  readonly missed: MissedWrites;
  readonly lanes: Lanes;
  readonly watch: WriteWatch;
  readonly holds: WriteHolds;
  readonly marks: NodeMarks;
  readonly repairs: RepairStates;
  /** Reads what a former run has left; before any node is asked or told anything. */
  load(): Promise<void>;
  /** A repair of the node begins anew when it is back. */
  wentAway(nodeId: string): void;
}

export function buildDurability(parts: DurabilityParts): Durability {
  const { config, store, around, routers, fleet, probeClient, limits, clock, random, emit } = parts;
  const { turns, watch: changes, sequenceClock: versionClock } = routers;
  const suspicions = createSuspicions({ store: store.repairs, clock, emit });
  const tasks = createTaskRegistry({
    store: parts.taskStore,
    fleet,
    clock,
    random,
    emit,
    turns,
    settled: (task) => suspicions.taskSettled(task),
    interrupted: (task) => suspicions.taskInterrupted(task),
  });
  const client = (nodeId: string): NodeClient => fleet.client(nodeId);
  const spool = store.spool ?? around.spool(config.hints.path);
  const spread = (): Promise<void> => changes.spread("hints");
  const repairs = createRepairStates({ store: store.repairs, clock, spread });
  const taken = ({ nodeId, taskUid, enqueuedAt }: NodeTaskTaken): void => marks.note(nodeId, taskUid, enqueuedAt);
  const check = (): Promise<void> => store.check();
  const taskNamed = (miroirId: string): Promise<Task | undefined> => parts.taskStore.getByMiroirId(miroirId);
  const strays = createStrays({ client, clock });
  const strayed = (nodeId: string): void => strays.note(nodeId);
  const kept = { hints: store.hints, spool, tasks, taskNamed, repairs };
  const hints = createHints({ ...kept, client, clock, random, emit, spread, check, taken, strayed }, limits.hints);
  // A node that is being repaired takes writes although it does not serve.
  const missed = missedWrites(hints, strays, (nodeId) => parts.closed(nodeId) && repairs.state(nodeId) !== "running");
  const lost = (nodeId: string): Promise<void> => {
    // Noted at once.
    const noted = hints.requireRepair(nodeId, "the node has come back with another disk");
    parts.diskLost(nodeId);
    return noted;
  };
  const told = async (): Promise<readonly NodeTask[]> =>
    (await parts.taskStore.list({}, { limit: TOLD_MAX })).tasks.flatMap(({ nodeTasks }) => nodeTasks);
  const nodeIds = (): readonly string[] => fleet.nodeIds();
  const marks = createNodeMarks({ store: store.repairs, nodeIds, told, client: probeClient, clock, emit, lost });
  const watch = createWriteWatch();
  const holds = createWriteHolds(clock);
  const lanes = lanesInTurn(turns, {
    client,
    clock,
    blocked: (nodeId) => missed.pending(nodeId),
    entered: (uid, entries) => watch.entered(uid, entries),
    taken,
    strayed,
    depthChanged: (nodeId, depth) => emit(laneDepthChanged, { nodeId, depth }),
  });
  const versions = limits.versions
    ? createWriteVersions({ versionClock, tombstones: store.tombstones, clock, random })
    : noVersions;
  const made = { tasks, suspicions, versions, hints, strays, missed, lanes, watch, holds, marks, repairs };
  return {
    ...made,
    load: async () => void (await Promise.all([hints.load(), marks.load(), versions.catchUp()])),
    // Its first step happens at once; what could not be noted is begun anew by a restart in any case.
    wentAway: (nodeId) => void repairs.interrupt(nodeId).catch(() => undefined),
  };
}

/** Tasks whose nodes are looked up at the start, for marks that were not kept: more than are noted between two times of keeping them. */
const TOLD_MAX = 1_000;
