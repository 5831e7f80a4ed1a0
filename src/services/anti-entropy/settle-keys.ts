/**
 * Makes all replicas of some documents equal, without ever overwriting what a client writes meanwhile; the argument for
 * that stands at `settleKeys`. A repair that is lost on its way is not kept for later, since later it might be out of
 * date: the next look repeats it.
 */
import type { KeyCopy } from "../../core/anti-entropy/judge-key.ts";
import { judgeKey } from "../../core/anti-entropy/judge-key.ts";
import type { StoredDocument } from "../../core/anti-entropy/stored-documents.ts";
import { taskName } from "../../core/tasks/task-name.ts";
import type { LaneEntry } from "../../scatter/lane.ts";
import { documentsPath } from "../documents/write-deps.ts";
import { REPAIR_OPERATION, type Watched } from "../documents/write-watch.ts";
import { hasCarriedOut, newestTask } from "../fleet/has-carried-out.ts";
import { findDeletions } from "./find-deletions.ts";
import { readDocuments } from "./read-replica.ts";
import { type ReplicaDeps, type Replicas, takesPart } from "./replica-deps.ts";

export interface SettledKeys {
  /** Keys of which the replicas really had different copies. */
  readonly differing: readonly string[];
  /** Keys that were written or deleted on some replica. */
  readonly repaired: readonly string[];
  /** Keys of which nothing can be said yet: written meanwhile, or a node did not answer. */
  readonly open: readonly string[];
}

export interface SettleOptions {
  readonly repair: boolean;
  /** Clients' writes of the index wait meanwhile. */
  readonly holds: boolean;
}

/**
 * 1. From now on it is watched what enters the lanes of the index (`WriteWatch`).
 * 2. What had entered before is waited for: until it has left the lanes, and until every replica has carried it out. So
 *    what is read next contains every earlier write.
 * 3. All replicas are read, and the right copy is found. A node that has lost its disk since it was chosen would pass for
 *    one that has everything: its empty copy would say that documents are deleted, a piece that it was given that the
 *    rest of them is. So each is looked at once more after it was read.
 * 4. In one synchronous step the keys that were written since 1 are left out and the rest enters the lanes. A write that
 *    is newer than what was read either entered before this step, then its key is left out, or enters after it, then
 *    every replica gets it after the repair, since a lane keeps its order. The newer write stands in both cases.
 *
 * The watch sees what this router writes. Others write to the index only when this one does not have its turn.
 *
 * Where keys are written faster than the nodes carry it out, 4 would leave them out for ever: then `holds` lets clients'
 * writes wait from 1 on, for a bounded time.
 */
export async function settleKeys(
  deps: ReplicaDeps,
  replicas: Replicas,
  keys: readonly string[],
  { repair, holds }: SettleOptions,
  signal: AbortSignal,
): Promise<SettledKeys> {
  const nothing: SettledKeys = { differing: [], repaired: [], open: keys };
  // First without keeping anybody waiting, so that little is left to wait for while other routers do.
  if (!(await everythingCarriedOut(deps, replicas.nodeIds, signal, deps.limits.carryOutMaxMs))) return nothing;
  return deps.turns.run([replicas.entry.uid], async () => {
    const hold = holds ? await deps.holds.hold(replicas.entry.uid, HOLD_MAX_MS) : null;
    return settleInTurn(deps, replicas, keys, repair, signal).finally(() => hold?.release());
  });
}

async function settleInTurn(
  deps: ReplicaDeps,
  replicas: Replicas,
  keys: readonly string[],
  repair: boolean,
  signal: AbortSignal,
): Promise<SettledKeys> {
  const nothing: SettledKeys = { differing: [], repaired: [], open: keys };
  if (deps.indexesChange(replicas.entry)) return nothing;
  const watched = deps.watch.watch(replicas.entry.uid);
  try {
    // Whoever asks: what a node lacks that is being repaired says nothing about the others. As they are before they are
    // read: a repair that ends meanwhile does not make whole what was read before.
    const incomplete = new Set(replicas.nodeIds.filter((nodeId) => deps.underRepair(nodeId)));
    if (!(await everythingCarriedOut(deps, replicas.nodeIds, signal, IN_TURN_MAX_MS))) return nothing;
    const copies = await readCopies(deps, replicas, keys, signal);
    if (copies === null || !(await stillTakePart(deps, replicas.nodeIds, signal))) return nothing;
    for (const nodeId of replicas.nodeIds) if (deps.underRepair(nodeId)) incomplete.add(nodeId);
    const judged = await judge(deps, { ...replicas, incomplete }, copies, signal);
    if (judged === null || deps.indexesChange(replicas.entry)) return nothing;
    const open = [...judged.unknown, ...judged.differing.filter((key) => !watched.untouched(key))];
    const differing = judged.differing.filter((key) => watched.untouched(key));
    if (!repair || differing.length === 0) return { differing, repaired: [], open };
    const isBrought = await bring(deps, replicas, judged.orders, watched);
    return isBrought
      ? { differing, repaired: differing, open }
      : { differing, repaired: [], open: [...open, ...differing] };
  } finally {
    watched.end();
  }
}

/** Waits until the nodes have carried out all that they were given before now; false: it takes too long. */
export async function everythingCarriedOut(
  deps: Pick<ReplicaDeps, "lanes" | "fleet" | "clock">,
  nodeIds: readonly string[],
  signal: AbortSignal,
  maxMs: number,
): Promise<boolean> {
  await deps.lanes.passed(nodeIds);
  const deadlineMs = deps.clock.monotonicMs() + maxMs;
  const done = await Promise.all(
    nodeIds.map(async (nodeId) => {
      const client = deps.fleet.client(nodeId);
      const newest = await newestTask(client);
      if (newest === null || newest === undefined) return newest === null;
      for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
        if (await hasCarriedOut(client, newest.uid)) return true;
        if (signal.aborted || deps.clock.monotonicMs() > deadlineMs || !deps.fleet.healthy(nodeId)) return false;
        await deps.clock.sleep(pauseMs);
      }
    }),
  );
  return done.every(Boolean);
}

async function stillTakePart(deps: ReplicaDeps, nodeIds: readonly string[], signal: AbortSignal): Promise<boolean> {
  const disks = await Promise.all(nodeIds.map((nodeId) => deps.checkDisk(nodeId, signal)));
  return disks.every((disk) => disk === "same") && nodeIds.every((nodeId) => takesPart(deps, nodeId));
}

type Copies = ReadonlyMap<string, ReadonlyMap<string, StoredDocument>>;

async function readCopies(
  deps: ReplicaDeps,
  replicas: Replicas,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<Copies | null> {
  const copies = new Map<string, ReadonlyMap<string, StoredDocument>>();
  const answers = await Promise.all(
    replicas.nodeIds.map(async (nodeId) => ({
      nodeId,
      documents: await readDocuments(deps, replicas, nodeId, keys, signal),
    })),
  );
  for (const { nodeId, documents } of answers) {
    if (documents === null) return null;
    copies.set(nodeId, documents);
  }
  return copies;
}

/** What each node has to be told. */
interface Orders {
  readonly write: Map<string, StoredDocument[]>;
  readonly remove: Map<string, string[]>;
}

async function judge(
  deps: ReplicaDeps,
  replicas: Replicas & { readonly incomplete: ReadonlySet<string> },
  copies: Copies,
  signal: AbortSignal,
): Promise<{ differing: readonly string[]; unknown: readonly string[]; orders: Orders } | null> {
  const keys = new Set([...copies.values()].flatMap((documents) => [...documents.keys()]));
  const { entry, primaryKey, nodeIds, suspected, incomplete } = replicas;
  const holders = new Map<string, string>();
  for (const key of keys) {
    const having = nodeIds.filter((nodeId) => copies.get(nodeId)?.has(key));
    if (having.length < nodeIds.length && having[0] !== undefined) holders.set(key, having[0]);
  }
  const deletions =
    holders.size === 0 ? NO_DELETIONS : await findDeletions(deps, { entry, primaryKey, holders }, signal);
  const orders: Orders = { write: new Map(), remove: new Map() };
  const nowMs = deps.expiry ? deps.clock.nowMs() : null;
  const differing: string[] = [];
  const unknown: string[] = [];
  for (const key of keys) {
    if (deletions.unknown.has(key)) {
      unknown.push(key);
      continue;
    }
    const found = nodeIds.map((nodeId): KeyCopy => ({
      nodeId,
      suspected: suspected.has(nodeId) || incomplete.has(nodeId),
      incomplete: incomplete.has(nodeId),
      emptied: incomplete.has(nodeId) && deps.hasLostDisk(nodeId),
      found: copies.get(nodeId)?.get(key) ?? null,
    }));
    const verdict = judgeKey(found, deletions.versions.get(key) ?? null, nowMs);
    if (verdict.kind === "equal") continue;
    differing.push(key);
    if (verdict.kind === "delete") for (const nodeId of verdict.on) put(orders.remove, nodeId, key);
    else {
      const right = copies.get(verdict.from)?.get(key);
      if (right !== undefined) for (const nodeId of verdict.to) put(orders.write, nodeId, right);
    }
  }
  return { differing, unknown, orders };
}

/** Nothing is waited for before the lanes are entered: what `watched` says now holds until they are. */
async function bring(deps: ReplicaDeps, replicas: Replicas, orders: Orders, watched: Watched): Promise<boolean> {
  const { entry, primaryKey } = replicas;
  const entries: LaneEntry[] = [];
  const enter = (nodeId: string, route: string, body: string, contentType: string): void => {
    const operationId = taskName(deps.random.uuidV7());
    const path = documentsPath(entry.uid, route, operationId, route === "" ? { primaryKey } : {});
    const timeoutMs = deps.limits.readTimeoutMs;
    const request = {
      method: "POST",
      path,
      body,
      contentType,
      operation: REPAIR_OPERATION,
      timeoutMs,
      repeat: "once",
    } as const;
    entries.push({ nodeId, operationId, request });
  };
  for (const [nodeId, documents] of orders.write) {
    const texts = documents.filter(({ key }) => watched.untouched(key)).map(({ text }) => text);
    if (texts.length > 0) enter(nodeId, "", `[${texts.join(",")}]`, "application/json");
  }
  for (const [nodeId, keys] of orders.remove) {
    const untouched = keys.filter((key) => watched.untouched(key));
    if (untouched.length > 0) enter(nodeId, "/delete-batch", JSON.stringify(untouched), "application/json");
  }
  try {
    const outcomes = await deps.lanes.submit(entry.uid, entries);
    return outcomes.every(({ kind }) => kind === "enqueued");
  } catch {
    // The lanes are full: clients come first, the next look tries again.
    return false;
  }
}

function put<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

const NO_DELETIONS = { versions: new Map<string, bigint>(), unknown: new Set<string>() };
/** Other routers that write to the index wait meanwhile. */
const IN_TURN_MAX_MS = 5_000;
/** Clients wait meanwhile, where their writes are held: for what above is waited for and for reading and entering the lanes. */
const HOLD_MAX_MS = 2 * IN_TURN_MAX_MS;
const PAUSE_FIRST_MS = 20;
const PAUSE_MAX_MS = 1_000;
