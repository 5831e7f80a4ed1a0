/**
 * Lets a node serve only when it is as the catalog says. One that comes back, or is met for the first time, gets no
 * write and answers no read until its indexes, settings and keys have been looked at; what it has lost is given to it
 * before anything it missed is replayed. From the instant at which it has all that it missed it gets clients' writes
 * again: were these still kept for it, one that is written to all the time would never be done. An index that a node has
 * lost takes its documents with it: such a node then waits for a repair as a whole, also over a restart of the router.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { NodeClient, NodeRequest } from "../../nodes/node-client.ts";
import type { Clock } from "../../platform/clock.ts";
import { DEFAULT_LANES_OPTIONS } from "../../scatter/create-lanes.ts";
import { sendOnce } from "../../scatter/lane-send.ts";
import type { Emit } from "../../telemetry/event.ts";
import { indexesLost, nodeAdmitted, nodeRepairFailed, nodeRepaired } from "../../telemetry/events/admission.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import { type Finding, type InspectDeps, inspectNode, type Inspection } from "./inspect-node.ts";
import { hasOpenLifecycleTasks, nodeTasksEnded } from "./node-tasks-ended.ts";
import { type RepairDeps, repairNode } from "./repair-node.ts";

export interface AdmissionDeps extends InspectDeps, Omit<RepairDeps, "give" | "catalog"> {
  readonly nodeIds: () => readonly string[];
  readonly healthy: (nodeId: string) => boolean;
  readonly client: (nodeId: string) => NodeClient;
  readonly versions: Pick<NodeVersions, "get" | "proven" | "doubt">;
  readonly hints: {
    /** Writes that the node missed are kept for it, or it needs a repair as a whole. */
    pending(nodeId: string): boolean;
    /** As `pending`, and what was brought late has not been carried out yet. */
    behind(nodeId: string): boolean;
    requireRepair(nodeId: string, reason: string): Promise<void>;
  };
  /** Makes keys and experimental features the same; false: not done for this node yet. */
  readonly alignKeys: (nodeId: string, signal: AbortSignal) => Promise<boolean>;
  /** False while a settings change of the index is under way, on whichever router. */
  readonly confirmSettled: (indexUid: string) => Promise<boolean>;
  /**
   * Begins to compare all nodes, this one among them, and to note what they show once they have been told again what is
   * meant.
   */
  readonly compareAll: (indexUid: string, nodeId: string) => void;
  /** Nodes that an exchange of names was decided without, and that it has still to be settled for. */
  readonly unsettled: () => Promise<ReadonlySet<string>>;
  /** Resolves when everything that has entered a lane of the node by now has left it. */
  readonly lanesPassed: (nodeId: string) => Promise<void>;
  /** Told of a node that may still read what it was given. */
  readonly strayed: (nodeId: string) => void;
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface NodeAdmission {
  /** The node takes no clients' writes, also when it has missed none. */
  closed(nodeId: string): boolean;
  /** Writes that were kept may be brought to it. */
  mayReplay(nodeId: string): boolean;
  /** As far as the catalog is concerned it may answer reads. */
  admitted(nodeId: string): boolean;
  /** As far as is known it has all that the catalog says: it is admitted, or was until it stopped answering. */
  trusted(nodeId: string): boolean;
  /** Why it does not serve, in a sentence; null while nothing is known to be wrong. */
  problem(nodeId: string): string | null;
  /** The node went away: everything has to be looked at again when it is back. */
  suspend(nodeId: string): void;
  /** It has been seen to lack something: the same, and it is not trusted until then. */
  expel(nodeId: string): void;
  /** One step for every healthy node that does not serve yet. */
  step(signal: AbortSignal): Promise<void>;
}

export function createNodeAdmission(deps: AdmissionDeps): NodeAdmission {
  const nodes = new Map<string, NodeState>();
  const of = (nodeId: string): NodeState => {
    const known = nodes.get(nodeId);
    if (known !== undefined) return known;
    const fresh = stateOf(false, false);
    nodes.set(nodeId, fresh);
    return fresh;
  };
  return {
    closed: (nodeId) => ["closed", "mending"].includes(of(nodeId).phase),
    mayReplay: (nodeId) => ["replaying", "admitted"].includes(of(nodeId).phase),
    admitted: (nodeId) => of(nodeId).phase === "admitted",
    problem: (nodeId) => of(nodeId).problem,
    trusted: (nodeId) => of(nodeId).trusted,
    suspend: (nodeId) => void nodes.set(nodeId, stateOf(true, of(nodeId).trusted)),
    expel: (nodeId) => void nodes.set(nodeId, stateOf(true, false)),
    async step(signal) {
      await Promise.all(
        deps.nodeIds().map(async (nodeId) => {
          const state = of(nodeId);
          if (state.phase === "admitted" || state.stepping || !deps.healthy(nodeId)) return;
          state.stepping = true;
          try {
            await stepNode(deps, nodeId, state, signal);
          } finally {
            state.stepping = false;
          }
        }),
      );
    },
  };
}

interface NodeState {
  /**
   * `closed`: what it lacks has to be found and given. `replaying`: it has what it needs to be brought what it missed.
   * `verifying`: it has carried out everything that it was brought, and is looked at once more. `mending`: something was
   * wrong then, and is put right while it gets no writes.
   */
  phase: "closed" | "replaying" | "verifying" | "mending" | "admitted";
  /** Every index is compared; false: those that have not been proven at their newest version. */
  readonly thorough: boolean;
  trusted: boolean;
  /** The node's tasks of a repair that is under way. */
  waitingFor: readonly number[];
  repairs: number;
  /** Not before this moment, on the monotonic clock. */
  notBeforeMs: number;
  problem: string | null;
  stepping: boolean;
}

function stateOf(thorough: boolean, trusted: boolean): NodeState {
  const since = { waitingFor: [], repairs: 0, notBeforeMs: 0, problem: null, stepping: false };
  return { phase: "closed", thorough, trusted, ...since };
}

async function stepNode(deps: AdmissionDeps, nodeId: string, state: NodeState, signal: AbortSignal): Promise<void> {
  if (deps.clock.monotonicMs() < state.notBeforeMs) return;
  const client = deps.client(nodeId);
  if (state.waitingFor.length > 0) {
    if ((await nodeTasksEnded(client, state.waitingFor, deps.timeoutMs, signal)) === "open") return;
    state.waitingFor = [];
  }
  if ((await deps.unsettled()).has(nodeId)) {
    state.problem = `which index node ${nodeId} has by which name is being found out`;
    return;
  }
  const behind = deps.hints.behind(nodeId);
  if (state.phase === "replaying") {
    if (behind) return;
    state.phase = "verifying";
  }
  if (!(await deps.alignKeys(nodeId, signal))) {
    state.problem = `the API keys of node ${nodeId} could not be compared with those of the others`;
    return;
  }
  // What it has not been brought yet may be what it seems to lack; what came after its mending began is not.
  const isLate = behind && state.phase !== "mending";
  const compares = isLate ? () => false : (entry: IndexEntry) => state.thorough || isStale(deps, entry, nodeId);
  const inspection = await inspectNode(deps, client, compares, signal);
  if (inspection === null) return;
  const lost = inspection.findings.filter((finding) => isLost(deps, finding, nodeId));
  const wrong = isLate ? lost : inspection.findings.filter((one) => lost.includes(one) || isWrong(one));
  if (wrong.length > 0 && state.phase === "verifying") {
    state.phase = "mending";
    // What is on its way to the node must not be taken for something that it lacks, or come between its mending.
    return deps.lanesPassed(nodeId);
  }
  if (lost.length > 0) {
    // What it was told before it went away may still be in its queue.
    if (await hasOpenLifecycleTasks(client, deps.timeoutMs, signal)) return;
    await requireRepair(deps, nodeId, lost);
  }
  if (wrong.length > 0) state.trusted = false;
  for (const { kind, indexUid } of wrong) {
    if (kind === "settings_differ" && !(await deps.confirmSettled(indexUid))) return;
  }
  if (wrong.length > 0) return repair(deps, nodeId, state, wrong);
  if (behind) state.phase = "replaying";
  // The change looks at what it changes, and at nothing else that the node may never have had. It is told to the node
  // meanwhile, as it is not waited for by whoever it waits for.
  else if (inspection.unjudged.some((entry) => isStale(deps, entry, nodeId))) state.phase = "verifying";
  else await admit(deps, nodeId, state, inspection);
}

/**
 * Missing although it was there. One that the node never had was made while it was away, and is among the writes that
 * are kept for it.
 */
function isLost(deps: AdmissionDeps, { kind, indexUid }: Finding, nodeId: string): boolean {
  if (kind !== "index_missing") return false;
  return deps.versions.get(indexUid, nodeId) !== undefined || !deps.hints.pending(nodeId);
}

/** Whatever else there is to put right: an index that is missing without being lost is among the writes kept for it. */
function isWrong({ kind }: Finding): boolean {
  return kind !== "index_unknown" && kind !== "index_missing";
}

/** Noted before an empty index takes the place of the lost one, which could be taken for whole after a crash. */
async function requireRepair(deps: AdmissionDeps, nodeId: string, lost: readonly Finding[]): Promise<void> {
  const indexes = lost.map(({ indexUid }) => indexUid);
  const entries = indexes.flatMap((indexUid) => deps.catalog.get(indexUid) ?? []);
  for (const entry of entries) await deps.versions.doubt(entry, nodeId);
  deps.emit(indexesLost, { nodeId, indexes });
  await deps.hints.requireRepair(nodeId, `the node has lost ${indexes.map((uid) => `index \`${uid}\``).join(", ")}`);
}

async function repair(
  deps: AdmissionDeps,
  nodeId: string,
  state: NodeState,
  findings: readonly Finding[],
): Promise<void> {
  const { nodeTaskUids, problem } = await repairNode({ ...deps, give: giveTo(deps, nodeId) }, findings);
  state.waitingFor = nodeTaskUids;
  state.repairs += 1;
  const what = findings.map(describe);
  if (problem === null) deps.emit(nodeRepaired, { nodeId, findings: what });
  if (problem === null && state.repairs < REPAIRS_BEFORE_PROBLEM) return;
  state.problem = `node ${nodeId} is not as the catalog says: ${what.join("; ")}${problem === null ? "" : `; ${problem}`}`;
  deps.emit(nodeRepairFailed, { nodeId, repairs: state.repairs, problem: state.problem });
  // It has been told what is meant and shows something else than was noted of all: that may be of one that was edited.
  for (const { kind, indexUid } of findings) if (kind === "settings_differ") deps.compareAll(indexUid, nodeId);
  const pauseMs = Math.min(PAUSE_FIRST_MS * 2 ** (state.repairs - 1), PAUSE_MAX_MS);
  state.notBeforeMs = deps.clock.monotonicMs() + pauseMs;
}

async function admit(deps: AdmissionDeps, nodeId: string, state: NodeState, inspection: Inspection): Promise<void> {
  for (const entry of inspection.verified) await deps.versions.proven(entry, [nodeId], entry.settingsVersion);
  // It may have gone away while its versions were noted.
  if (state.phase === "admitted" || !deps.healthy(nodeId)) return;
  state.phase = "admitted";
  state.trusted = true;
  state.problem = null;
  deps.emit(nodeAdmitted, { nodeId });
  for (const { uid } of inspection.unnoted) deps.compareAll(uid, nodeId);
}

/** Past the lanes, which are closed to the node meanwhile: nothing else writes to it. */
function giveTo(deps: AdmissionDeps, nodeId: string): RepairDeps["give"] {
  return async (indexUid, requests: readonly NodeRequest[]) => {
    const outcomes = [];
    for (const request of requests) {
      const entry = { nodeId, request };
      outcomes.push(await sendOnce(deps.client(nodeId), indexUid, entry, deps, DEFAULT_LANES_OPTIONS));
    }
    return outcomes;
  };
}

function isStale(deps: AdmissionDeps, entry: IndexEntry, nodeId: string): boolean {
  return deps.versions.get(entry.uid, nodeId) !== entry.settingsVersion;
}

/** For people: what is wrong, without values. */
export function describe(finding: Finding): string {
  const index = `index \`${finding.indexUid}\``;
  switch (finding.kind) {
    case "index_missing":
      return `it lacks ${index}`;
    case "index_unknown":
      return `it has ${index}, which Miroir did not make`;
    case "primary_key_differs":
      return `${index} has the primary key ${finding.shown === null ? "none" : `\`${finding.shown}\``}`;
    case "settings_differ":
      return `${index} has other settings: ${finding.keys.join(", ")}`;
  }
}

/** What did not help so often is told, and tried again with growing pauses. */
const REPAIRS_BEFORE_PROBLEM = 3;
const PAUSE_FIRST_MS = 250;
const PAUSE_MAX_MS = 30_000;
