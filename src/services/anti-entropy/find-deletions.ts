/**
 * Which documents that only some replicas have were deleted, and by which write. A deletion by filter says nothing of
 * keys: a node that still has a document is asked whether the filter meets it.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { Tombstone } from "../../store/tombstone-store.ts";
import { readStoredPage } from "../../core/anti-entropy/stored-documents.ts";
import type { ReplicaDeps } from "./replica-deps.ts";

export interface FoundDeletions {
  /** The version of the newest deletion that meets a key; absent: none does. */
  readonly versions: ReadonlyMap<string, bigint>;
  /** A node could not be asked about these: they have to be looked at again. */
  readonly unknown: ReadonlySet<string>;
}

export interface Question {
  readonly entry: IndexEntry;
  readonly primaryKey: string;
  /** Each key with a node that has the document. */
  readonly holders: ReadonlyMap<string, string>;
}

type FindDeps = Pick<ReplicaDeps, "tombstones" | "taskOf" | "fleet" | "limits">;

export async function findDeletions(deps: FindDeps, question: Question, signal: AbortSignal): Promise<FoundDeletions> {
  const versions = new Map<string, bigint>();
  const unknown = new Set<string>();
  const raise = (key: string, version: bigint): void => {
    if (question.holders.has(key) && (versions.get(key) ?? -1n) < version) versions.set(key, version);
  };
  for await (const tombstone of tombstonesOf(deps, question.entry)) {
    const { kind, payload, version } = tombstone;
    if (kind === "all") for (const key of question.holders.keys()) raise(key, version);
    else if (kind === "keys") for (const key of JSON.parse(payload) as readonly string[]) raise(key, version);
    else {
      const met = await meets(deps, question, payload, signal);
      for (const key of met.keys) raise(key, version);
      for (const key of met.unknown) unknown.add(key);
    }
  }
  return { versions, unknown };
}

async function* tombstonesOf(deps: FindDeps, { createdAt }: IndexEntry): AsyncGenerator<Tombstone, void, undefined> {
  let after = "";
  for (;;) {
    const page = await deps.tombstones.ofIndex(createdAt, { after, limit: PAGE });
    for (const tombstone of page) if (await wasCarriedOut(deps, tombstone)) yield tombstone;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id ?? "";
  }
}

/** A deletion that failed everywhere or was canceled has deleted nothing that anybody was promised. */
async function wasCarriedOut(deps: FindDeps, { taskUid }: Tombstone): Promise<boolean> {
  if (taskUid === null) return true;
  const status = (await deps.taskOf(taskUid))?.status;
  return status !== "failed" && status !== "canceled";
}

async function meets(
  deps: FindDeps,
  { entry, primaryKey, holders }: Question,
  filter: string,
  signal: AbortSignal,
): Promise<{ readonly keys: readonly string[]; readonly unknown: readonly string[] }> {
  const met: string[] = [];
  const unknown: string[] = [];
  const byNode = Map.groupBy(holders, ([, nodeId]) => nodeId);
  for (const [nodeId, held] of byNode) {
    const keys = held.map(([key]) => key);
    const outcome = await deps.fleet.client(nodeId).send(
      {
        method: "POST",
        path: `/indexes/${entry.uid}/documents/fetch`,
        body: `{"ids":${JSON.stringify(keys)},"limit":${keys.length},"fields":[${JSON.stringify(primaryKey)}],"filter":${filter}}`,
        operation: "documents.compare",
        timeoutMs: deps.limits.readTimeoutMs,
        repeat: "safe",
      },
      signal,
    );
    const page = outcome.kind === "answered" ? readStoredPage(outcome.text, primaryKey) : null;
    if (page === null) unknown.push(...keys);
    else met.push(...page.documents.map(({ key }) => key));
  }
  return { keys: met, unknown };
}

const PAGE = 200;
