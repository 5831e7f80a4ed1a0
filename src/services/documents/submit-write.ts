/**
 * What every write of documents has in common once it is known what each node has to be told: a durable task first, then
 * all lanes in one instant, then the count of acknowledgements, and what was missed is kept before anybody is told of
 * success.
 */
import { apiError, nodeError, type ErrorBody } from "../../core/errors/api-error.ts";
import { tally, type Tally, type WriteOutcome } from "../../core/quorum/tally.ts";
import type { ShardMap } from "../../core/routing/shard-map.ts";
import type { NodeTask, Task, TaskFlowState } from "../../core/tasks/task.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { EnqueueOutcome, LaneEntry, Lanes } from "../../scatter/lane.ts";
import type { Emit } from "../../telemetry/event.ts";
import { writeDegraded, writeLost } from "../../telemetry/events/writes.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { refuseFrozen, refuseUnstored } from "../catalog/refuse-writes.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Turns } from "../routers/turns.ts";
import type { TaskDraft, TaskRegistry } from "../tasks/task-registry.ts";
import { refuseHopeless } from "./refuse-hopeless.ts";
import { keptRequest, type WriteHints, type WritePlace } from "./write-hints.ts";
import type { WriteHolds } from "./write-holds.ts";
import type { Deletion, RememberedDeletion, WriteVersions } from "./write-versions.ts";

export interface SubmitDeps {
  readonly catalog: Pick<Catalog, "get" | "owes">;
  readonly tasks: TaskRegistry;
  readonly lanes: Lanes;
  readonly hints: WriteHints;
  readonly fleet: Pick<Fleet, "writable" | "shardMap">;
  readonly versions: WriteVersions;
  readonly turns: Pick<Turns, "run">;
  readonly holds: Pick<WriteHolds, "enter">;
  readonly emit: Emit;
  /** Forgets a task that no node has taken and no client has been told of. */
  readonly withdraw: (taskUid: number) => Promise<void>;
  /** What the task of a write that has to prepare its index does when the node tasks have ended. */
  readonly prepareFlow: TaskFlowState;
  /** Error codes of preparing node tasks that mean it was done already. */
  readonly prepareTolerated: readonly string[];
}

export interface Write {
  readonly indexUid: string;
  readonly draft: TaskDraft;
  readonly map: ShardMap;
  /** Shards that the write touches; each of them needs its quorum. */
  readonly shards: readonly number[];
  /** Goes before the write in the same lanes. Called in the instant in which they are entered. */
  readonly prepare: readonly (() => LaneEntry)[];
  /** When the index that is prepared was made, which tells it from a later one of its name. */
  readonly preparedFor?: number;
  /** Documents that it writes or deletes; absent: it may concern every document. */
  readonly keys?: readonly string[];
  /** Remembered, so that a replica that misses it is found out later. */
  readonly deletion?: Deletion;
  /** One per node, asked for as the lanes are entered. `operationId` goes into `customMetadata`, `version` into documents. */
  readonly requests: (operationId: string, version: bigint | null) => readonly NodeWrite[];
  /** What is prepared stays, and the task fails with this all the same. */
  readonly failsWith?: ErrorBody;
}

export interface NodeWrite {
  readonly nodeId: string;
  readonly request: NodeRequest;
}

export interface Submitted {
  readonly task: Task;
  /** Value of `X-Miroir-Degraded`; null when every owner has the write. */
  readonly degraded: string | null;
}

/** Throws what the client has to be told when the write does not hold; its task has failed then. */
export function submitWrite(deps: SubmitDeps, write: Write): Promise<Submitted> {
  return deps.turns.run([write.indexUid], async () => {
    const { left } = await deps.holds.enter(write.indexUid);
    return submitInTurn(deps, write, left).finally(left);
  });
}

async function submitInTurn(deps: SubmitDeps, write: Write, left: () => void): Promise<Submitted> {
  refuseUnstored(deps.catalog, write.indexUid);
  refuseFrozen(deps.catalog.get(write.indexUid));
  if (!stillFits(deps, write)) throw changedMeanwhile(write.indexUid);
  refuseHopeless(deps, write);
  const remembering = write.deletion === undefined ? NO_DELETION : deps.versions.remember(write.deletion);
  const { task, deletion } = await noteBoth(deps, deps.tasks.register(write.draft), remembering);
  if (!stillFits(deps, write)) {
    await Promise.all([deps.withdraw(task.uid), deletion?.forget()]);
    throw changedMeanwhile(write.indexUid);
  }
  // From here to the lanes nothing is waited for: versions ascend as the writes enter.
  const version = deps.versions.next();
  const steps = stepsOf(write, task, version);
  const places = new Map<string, WritePlace>();
  for (const { entry } of steps) {
    if (!places.has(entry.nodeId)) places.set(entry.nodeId, deps.hints.place(entry.nodeId));
  }
  let taken = false;
  try {
    const outcomes = await enter(deps, write, steps, places, left);
    taken = outcomes.some((outcome) => outcome.kind !== "refused");
    if (taken) await deletion?.confirm(version, task.uid);
    return await settle(deps, write, task, steps, outcomes, places);
  } catch (error) {
    // Refused by all or not even submitted: like a node's own refusal, it leaves no task behind.
    if (taken) await failTask(deps, task, error);
    else await Promise.all([deps.withdraw(task.uid), deletion?.forget()]);
    throw error;
  } finally {
    for (const place of places.values()) place.release();
  }
}

/** Side by side, so that both share one flush of the disk; if one of them fails, the other is taken back. */
async function noteBoth(
  deps: Pick<SubmitDeps, "withdraw">,
  registering: Promise<Task>,
  remembering: Promise<RememberedDeletion | null>,
): Promise<{ readonly task: Task; readonly deletion: RememberedDeletion | null }> {
  const [registered, remembered] = await Promise.allSettled([registering, remembering]);
  if (registered.status === "fulfilled" && remembered.status === "fulfilled") {
    return { task: registered.value, deletion: remembered.value };
  }
  // What cannot be taken back now is told by nobody: the registry tries again, an old deletion meets nothing new.
  if (registered.status === "fulfilled") await deps.withdraw(registered.value.uid).catch(() => undefined);
  if (remembered.status === "fulfilled") await remembered.value?.forget().catch(() => undefined);
  throw registered.status === "rejected" ? registered.reason : (remembered as PromiseRejectedResult).reason;
}

/** While the write waited for its turn the index may have gone or the fleet have changed. */
function stillFits(deps: SubmitDeps, { indexUid, map }: Write): boolean {
  const entry = deps.catalog.get(indexUid);
  if (entry === undefined || entry.state === "deleting") return false;
  return entry.shards === map.shards && deps.fleet.shardMap(map.shards).epoch === map.epoch;
}

function changedMeanwhile(indexUid: string): Error {
  return apiError(
    "miroir_taken_over",
    `Index \`${indexUid}\` or the fleet changed while the write was prepared. Send it again.`,
    { retryAfterSeconds: 1 },
  );
}

interface Step {
  readonly entry: LaneEntry;
  readonly role: "main" | "prepare";
}

const NO_DELETION: Promise<RememberedDeletion | null> = Promise.resolve(null);

function stepsOf(write: Write, task: Task, version: bigint | null): readonly Step[] {
  const more = { operationId: task.miroirId, ...(write.keys === undefined ? {} : { keys: write.keys }) };
  return [
    ...write.prepare.map((entry): Step => ({ entry: entry(), role: "prepare" })),
    ...write.requests(task.miroirId, version).map((one): Step => ({ entry: { ...one, ...more }, role: "main" })),
  ];
}

/** Puts everything into the lanes at once. A node in no state to be written to has missed it, and gets nothing newer before. */
async function enter(
  deps: SubmitDeps,
  write: Write,
  steps: readonly Step[],
  places: ReadonlyMap<string, WritePlace>,
  entered: () => void,
): Promise<readonly EnqueueOutcome[]> {
  const open = steps.filter(({ entry }) => deps.fleet.writable(entry.nodeId));
  for (const step of steps) if (!open.includes(step)) places.get(step.entry.nodeId)?.hold();
  const submitted = deps.lanes.submit(
    write.indexUid,
    open.map(({ entry }) => ({ ...entry, onMissed: () => places.get(entry.nodeId)?.hold() })),
  );
  entered();
  const outcomes = new Map((await submitted).map((outcome, i) => [open[i] as Step, outcome]));
  return steps.map((step) => outcomes.get(step) ?? notWritable(step.entry.nodeId));
}

function notWritable(nodeId: string): EnqueueOutcome {
  return { kind: "missed", nodeId, message: "the node is in no state to be written to", unsent: true };
}

async function settle(
  deps: SubmitDeps,
  write: Write,
  task: Task,
  steps: readonly Step[],
  outcomes: readonly EnqueueOutcome[],
  places: ReadonlyMap<string, WritePlace>,
): Promise<Submitted> {
  const refusal = outcomes.find((outcome) => outcome.kind === "refused");
  const taken = outcomes.some((outcome) => outcome.kind === "enqueued");
  const result = tally(write.map, write.shards, perNode(outcomes));
  const holds = refusal === undefined && result.met;
  // What one owner has, every owner gets: also a write that does not hold ends as all or nothing.
  if (taken) await keepMissed(write, holds ? task : null, steps, outcomes, places);
  if (refusal !== undefined) throw nodeError(refusal.status, refusal.error);
  if (!result.met) throw noQuorum(deps, write, task, outcomes, result);
  const nodeTasks = steps.map((step, i) => nodeTask(deps, step, outcomes[i] as EnqueueOutcome));
  const flow = write.prepare.length > 0 ? flowOf(deps.prepareFlow, write) : undefined;
  const dispatched = await deps.tasks.dispatch(task.uid, nodeTasks, flow);
  return { task: { ...dispatched, status: "enqueued" }, degraded: degradedHeader(deps, write, task, outcomes, result) };
}

function flowOf(flow: TaskFlowState, { preparedFor, failsWith }: Write): TaskFlowState {
  return { ...flow, data: { ...flow.data, preparedFor, ...(failsWith === undefined ? {} : { failsWith }) } };
}

/** A node acknowledges with all that it was sent. */
function perNode(outcomes: readonly EnqueueOutcome[]): ReadonlyMap<string, WriteOutcome> {
  const result = new Map<string, WriteOutcome>();
  for (const { nodeId, kind } of outcomes) {
    if (kind !== "enqueued") result.set(nodeId, "missed");
    else if (!result.has(nodeId)) result.set(nodeId, "acknowledged");
  }
  return result;
}

async function keepMissed(
  write: Write,
  task: Task | null,
  steps: readonly Step[],
  outcomes: readonly EnqueueOutcome[],
  places: ReadonlyMap<string, WritePlace>,
): Promise<void> {
  for (const [i, { entry, role }] of steps.entries()) {
    const request = keptRequest(entry.request, outcomes[i]);
    if (request === null) continue;
    await places.get(entry.nodeId)?.record({
      indexUid: write.indexUid,
      request,
      taskUid: role === "main" && task !== null ? task.uid : null,
      operationId: entry.operationId ?? null,
      body: entry.request.body ?? null,
    });
  }
}

function nodeTask(deps: SubmitDeps, step: Step, outcome: EnqueueOutcome): NodeTask {
  const { nodeId } = outcome;
  const tolerated = step.role === "prepare" ? { tolerated: deps.prepareTolerated } : {};
  if (outcome.kind !== "enqueued") return { nodeId, taskUid: null, role: step.role, status: "hinted", ...tolerated };
  const enqueuedAt = Date.parse(outcome.enqueuedAt);
  return {
    nodeId,
    taskUid: outcome.taskUid,
    role: step.role,
    status: "enqueued",
    ...tolerated,
    ...(Number.isNaN(enqueuedAt) ? {} : { enqueuedAt }),
  };
}

function noQuorum(
  deps: SubmitDeps,
  write: Write,
  task: Task,
  outcomes: readonly EnqueueOutcome[],
  result: Tally,
): Error {
  const missedNodes = missed(outcomes);
  deps.emit(writeLost, {
    indexUid: write.indexUid,
    taskUid: task.uid,
    missedNodes,
    lostShards: result.lostShards.length,
  });
  return apiError(
    "miroir_no_quorum",
    `Too few nodes acknowledged the write for the shards ${result.lostShards.join(", ")}; ` +
      `no acknowledgement came from ${missedNodes.map((nodeId) => `\`${nodeId}\``).join(", ")}.`,
  );
}

function degradedHeader(
  deps: SubmitDeps,
  write: Write,
  task: Task,
  outcomes: readonly EnqueueOutcome[],
  result: Tally,
): string | null {
  const missedNodes = missed(outcomes);
  if (missedNodes.length > 0) {
    const degradedShards = result.degradedShards.length;
    deps.emit(writeDegraded, { indexUid: write.indexUid, taskUid: task.uid, missedNodes, degradedShards });
  }
  if (result.degradedGroups.length === 0) return null;
  return `groups=${result.degradedGroups.join(",")}; shards=${result.degradedShards.join(",")}`;
}

function missed(outcomes: readonly EnqueueOutcome[]): readonly string[] {
  return [...new Set(outcomes.filter(({ kind }) => kind === "missed").map(({ nodeId }) => nodeId))];
}

async function failTask(deps: SubmitDeps, task: Task, error: unknown): Promise<void> {
  const unknown = apiError("internal", "The write could not be handed to the nodes.").body;
  // The client is told of the first failure; that the record could not be closed as well adds nothing.
  await deps.tasks.fail(task.uid, (error as { body?: ErrorBody }).body ?? unknown).catch(() => undefined);
}
