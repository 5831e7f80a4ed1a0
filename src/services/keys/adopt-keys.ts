/**
 * Makes the keys of all nodes the same. Every node invents default keys with uids of its own at its first start, so one
 * node's set is adopted and the others' replaced; other keys that a node lacks are made there. Safe to run at every
 * start and whenever a node comes back: where nothing differs, nothing is written.
 */
import type { NodeClient } from "../../nodes/node-client.ts";
import type { Emit } from "../../telemetry/event.ts";
import { keysAdopted, keysUnreadable, masterKeyRefused, masterKeysDiffer } from "../../telemetry/events/keys.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { KEYS_MAX, type KeyView, keyRequests } from "./key-requests.ts";

export interface AdoptKeysDeps {
  readonly fleet: Pick<Fleet, "nodeIds" | "client">;
  readonly versions: Pick<NodeVersions, "missedShared">;
  readonly emit: Emit;
  /** What is remembered of keys is no longer true. */
  readonly forget: () => void;
}

export interface Adoption {
  /** Nodes that could not be read or written; to be tried again when they are back. */
  readonly pending: readonly string[];
  /** Nodes with another master key: they refuse the router's, or derive other key texts from the same uids. */
  readonly foreign: readonly string[];
}

export async function adoptDefaultKeys(deps: AdoptKeysDeps): Promise<Adoption> {
  const pending: string[] = [];
  const foreign: string[] = [];
  const held: NodeKeys[] = [];
  const clients = deps.fleet.nodeIds().map((nodeId) => deps.fleet.client(nodeId));
  const outcomes = await scatter(
    clients.map((client) => ({ client, request: keyRequests.list(`?limit=${KEYS_MAX}`) })),
  );
  for (const [at, outcome] of outcomes.entries()) {
    const client = clients[at]!;
    const { nodeId } = client;
    if (outcome.kind === "answered") held.push({ client, keys: keysOf(outcome.text) });
    // Without a master key there are no keys at all: open mode.
    else if (outcome.kind === "refused" && outcome.error.code === "missing_master_key") continue;
    else if (outcome.kind === "unavailable" && outcome.reason === "credentials") {
      foreign.push(nodeId);
      deps.emit(masterKeyRefused, { node: nodeId });
    } else {
      pending.push(nodeId);
      const reason = outcome.kind === "refused" ? outcome.error.message : outcome.message;
      deps.emit(keysUnreadable, { node: nodeId, reason });
    }
  }
  const current = held.filter(({ client }) => !deps.versions.missedShared(client.nodeId));
  const reference = chooseReference(current);
  if (reference === undefined) {
    // A node that missed a change of keys may have some that are deleted: it has to wait for one that knows.
    return { pending: [...pending, ...held.map(({ client }) => client.nodeId)], foreign };
  }

  const wanted = wantedKeys(current, reference);
  for (const node of held) {
    const result = await align(deps, node, wanted, reference);
    if (result === "failed") pending.push(node.client.nodeId);
    if (result === "foreign") foreign.push(node.client.nodeId);
  }
  return { pending, foreign };
}

interface NodeKeys {
  readonly client: NodeClient;
  readonly keys: readonly KeyView[];
}

/** The engine gives these names at a node's first start and never again. */
const DEFAULT_NAMES: ReadonlySet<string | null> = new Set([
  "Default Search API Key",
  "Default Admin API Key",
  "Default Read-Only Admin API Key",
  "Default Chat API Key",
]);

function isDefault(key: KeyView): boolean {
  return DEFAULT_NAMES.has(key.name);
}

/**
 * The set that most nodes share already, then the oldest: a node that comes back empty must not replace the keys that
 * clients use.
 */
function chooseReference(held: readonly NodeKeys[]): NodeKeys | undefined {
  const setOf = (node: NodeKeys): string =>
    node.keys
      .filter(isDefault)
      .map((key) => key.uid)
      .toSorted()
      .join();
  const shared = new Map<string, number>();
  for (const node of held) shared.set(setOf(node), (shared.get(setOf(node)) ?? 0) + 1);
  const age = (node: NodeKeys): number => Math.min(...node.keys.map((key) => Date.parse(key.createdAt)), Infinity);
  return held.toSorted(
    (left, right) => (shared.get(setOf(right)) ?? 0) - (shared.get(setOf(left)) ?? 0) || age(left) - age(right),
  )[0];
}

/** The reference's keys and everything that clients have made anywhere, oldest first, each once as changed last. */
function wantedKeys(held: readonly NodeKeys[], reference: NodeKeys): readonly KeyView[] {
  const byUid = new Map<string, KeyView>();
  for (const key of [...reference.keys, ...held.flatMap((node) => node.keys.filter((one) => !isDefault(one)))]) {
    const known = byUid.get(key.uid);
    if (known === undefined || Date.parse(known.updatedAt) < Date.parse(key.updatedAt)) byUid.set(key.uid, key);
  }
  return [...byUid.values()].toSorted(byCreation);
}

/** By texts, since the engine's times differ in digits that a `Date` does not have; `Z` would come after them. */
function byCreation(left: KeyView, right: KeyView): number {
  const [a, b] = [left.createdAt.replace("Z", ""), right.createdAt.replace("Z", "")];
  return a < b ? -1 : Number(a > b);
}

async function align(
  deps: AdoptKeysDeps,
  node: NodeKeys,
  wanted: readonly KeyView[],
  reference: NodeKeys,
): Promise<"same" | "failed" | "foreign"> {
  const wantedUids = new Set(wanted.map((key) => key.uid));
  const hasMissed = deps.versions.missedShared(node.client.nodeId);
  const surplus = node.keys.filter((key) => (isDefault(key) || hasMissed) && !wantedUids.has(key.uid));
  const own = new Map(node.keys.map((key) => [key.uid, key]));
  let created = 0;
  for (const key of wanted) {
    const present = own.get(key.uid) ?? (await create(node.client, key));
    if (present === "failed") return "failed";
    if (!own.has(key.uid) && present !== "refused") created += 1;
    if (present === "refused") continue;
    if (present.key === key.key) {
      if (!(await rename(node.client, present, key))) return "failed";
      continue;
    }
    deps.emit(masterKeysDiffer, { node: node.client.nodeId, other: reference.client.nodeId });
    return "foreign";
  }
  for (const key of surplus) {
    const outcome = await node.client.send(keyRequests.remove(key.uid));
    if (outcome.kind === "unavailable") return "failed";
  }
  if (created + surplus.length > 0) {
    deps.forget();
    deps.emit(keysAdopted, { node: node.client.nodeId, created, removed: surplus.length });
  }
  return "same";
}

/** Name and description are all that can change of a key. */
async function rename(client: NodeClient, present: KeyView, { uid, name, description }: KeyView): Promise<boolean> {
  if (present.name === name && present.description === description) return true;
  return (await client.send(keyRequests.update(uid, JSON.stringify({ name, description })))).kind !== "unavailable";
}

/** A node refuses, for example, a key that has expired: it would be of no use there. */
async function create(client: NodeClient, key: KeyView): Promise<KeyView | "failed" | "refused"> {
  const outcome = await client.send(keyRequests.recreate(key));
  if (outcome.kind === "unavailable") return "failed";
  return outcome.kind === "refused" ? "refused" : (JSON.parse(outcome.text) as KeyView);
}

function keysOf(text: string): readonly KeyView[] {
  return (JSON.parse(text) as { readonly results: readonly KeyView[] }).results;
}
