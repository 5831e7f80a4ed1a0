/**
 * Reads one node's copy of a shard: page by page as buckets, page by page as keys of some buckets, or some documents
 * whole. A page that shifts while documents come and go may show one twice or not at all; whoever finds a difference
 * looks at the keys again.
 */
import { addToBuckets, bucketOf, type Buckets, emptyBuckets } from "../../core/anti-entropy/buckets.ts";
import { hasExpired } from "../../core/anti-entropy/judge-key.ts";
import { readStoredPage, type StoredDocument, type StoredPage } from "../../core/anti-entropy/stored-documents.ts";
import { shardFilter } from "../../core/markers/codec.ts";
import { lacksMarker } from "../../core/markers/lacks-marker.ts";
import type { Pace, ReplicaDeps, Replicas } from "./replica-deps.ts";

type ReadDeps = Pick<ReplicaDeps, "fleet" | "clock" | "limits" | "lacksIndex" | "expiry">;

export interface Fingerprint {
  readonly buckets: Buckets;
  /** Buckets with a document that should have been swept long ago. */
  readonly overdue: ReadonlySet<number>;
  /** Characters of all documents together. */
  readonly size: number;
}

/** null: the node did not answer. */
export async function readFingerprint(
  deps: ReadDeps,
  replicas: Replicas,
  nodeId: string,
  pace: Pace,
  signal: AbortSignal,
): Promise<Fingerprint | null> {
  const buckets = emptyBuckets();
  const overdue = new Set<number>();
  const overdueAtMs = overdueAt(deps);
  let size = 0;
  const isRead = await eachDocument(deps, replicas, nodeId, pace, signal, (one) => {
    addToBuckets(buckets, one);
    if (hasExpired(one, overdueAtMs)) overdue.add(bucketOf(one.key));
    size += one.text.length;
  });
  return isRead ? { buckets, overdue, size } : null;
}

export interface KeyState {
  readonly version: bigint;
  readonly digest: bigint;
  readonly overdue: boolean;
}

export type KeyStates = ReadonlyMap<string, KeyState>;

/** Of the keys in some buckets, at most `KEYS_MAX`; null: the node did not answer. */
export async function readKeys(
  deps: ReadDeps,
  replicas: Replicas,
  nodeId: string,
  wanted: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<KeyStates | null> {
  const states = new Map<string, KeyState>();
  const overdueAtMs = overdueAt(deps);
  const isRead = await eachDocument(deps, replicas, nodeId, NO_PACE, signal, (one) => {
    const { key, version, digest } = one;
    if (states.size >= KEYS_MAX || !wanted.has(bucketOf(key))) return;
    states.set(key, { version, digest, overdue: hasExpired(one, overdueAtMs) });
  });
  return isRead ? states : null;
}

/** The documents of these keys that the node has, with their vectors; null: it did not answer. */
export async function readDocuments(
  deps: ReadDeps,
  replicas: Replicas,
  nodeId: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, StoredDocument> | null> {
  const body = { ids: keys, limit: keys.length, retrieveVectors: true };
  const page = await fetchPage(deps, replicas, nodeId, body, signal);
  return page === null ? null : new Map(page.documents.map((document) => [document.key, document]));
}

async function eachDocument(
  deps: ReadDeps,
  replicas: Replicas,
  nodeId: string,
  pace: Pace,
  signal: AbortSignal,
  visit: (document: StoredDocument) => void,
): Promise<boolean> {
  const filter = shardFilter([replicas.shard]);
  let limit = Math.min(deps.limits.batchSize, FIRST_BATCH);
  let size = 0;
  for (let offset = 0; ;) {
    const startedAtMs = deps.clock.monotonicMs();
    const page = await fetchPage(deps, replicas, nodeId, { filter, offset, limit }, signal);
    if (page === null) return false;
    for (const document of page.documents) {
      size += document.text.length;
      visit(document);
    }
    await pace(deps.clock.monotonicMs() - startedAtMs, signal);
    if (page.documents.length < limit) return true;
    offset += limit;
    limit = Math.min(deps.limits.batchSize, documentsThatFit(size, offset, PAGE_CHARS));
  }
}

/** How many documents of the average size seen so far make `chars` characters. */
export function documentsThatFit(size: number, documents: number, chars: number): number {
  return Math.max(1, Math.floor((chars * Math.max(1, documents)) / Math.max(1, size)));
}

async function fetchPage(
  deps: ReadDeps,
  { entry, primaryKey }: Replicas,
  nodeId: string,
  body: object,
  signal: AbortSignal,
): Promise<StoredPage | null> {
  const outcome = await deps.fleet.client(nodeId).send(
    {
      method: "POST",
      path: `/indexes/${entry.uid}/documents/fetch`,
      body: JSON.stringify(body),
      operation: "documents.compare",
      timeoutMs: deps.limits.readTimeoutMs,
      repeat: "safe",
    },
    signal,
  );
  if (outcome.kind === "answered") return readStoredPage(outcome.text, primaryKey);
  // Asked again it would say the same for ever. One that is being repaired is looked at anyway.
  const lacks =
    outcome.kind === "refused" && (outcome.error.code === "index_not_found" || lacksMarker(outcome.error, false));
  if (lacks && deps.fleet.readable(nodeId)) deps.lacksIndex(nodeId, entry.uid);
  return null;
}

/** Sweeps find documents by a tree of the engine's, which may have lost some; what is read here it cannot lose. */
function overdueAt({ expiry, clock }: Pick<ReadDeps, "expiry" | "clock">): number | null {
  return expiry ? clock.nowMs() - OVERDUE_MS : null;
}

const OVERDUE_MS = 3_600_000;
/** Before anything is known of the size of the documents. */
const FIRST_BATCH = 100;
/** An answer of a node is held whole. */
const PAGE_CHARS = 8_388_608;
const NO_PACE: Pace = () => Promise.resolve();
/** Keys kept of one replica at a time; the rest is found by the next look. */
const KEYS_MAX = 100_000;
