/**
 * How a node differs from the catalog: indexes it has lost, keys and settings that are not as meant, indexes that nobody
 * knows. Reads only. Indexes whose settings are being changed are left to that change.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { NodeForm } from "../../core/settings/node-form.ts";
import type { JsonObject } from "../../core/settings/json-shape.ts";
import { judgeNode, wrongSettings } from "../../core/settings/verify-settings.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { readNodeSettings } from "../settings/read-node-settings.ts";

export interface InspectDeps {
  readonly catalog: Pick<Catalog, "get" | "list">;
  /** A settings change of the index is under way. */
  readonly changing: (indexUid: string) => boolean;
  /**
   * Indexes that are being renamed or swapped, by whichever router: until that is decided nobody can say what a node should
   * have by these names.
   */
  readonly renaming: () => Promise<ReadonlySet<string>>;
  readonly form: NodeForm;
  readonly timeoutMs: number;
}

export type Finding =
  | { readonly kind: "index_missing"; readonly indexUid: string }
  | { readonly kind: "index_unknown"; readonly indexUid: string }
  | { readonly kind: "primary_key_differs"; readonly indexUid: string; readonly shown: string | null }
  | {
      readonly kind: "settings_differ";
      readonly indexUid: string;
      /** The names of the settings. */
      readonly keys: readonly string[];
      /** All settings, as the node shows them. */
      readonly shown: JsonObject;
    };

export interface Inspection {
  /** At most one of each kind for an index. */
  readonly findings: readonly Finding[];
  /** Indexes whose settings have been compared and are as meant. */
  readonly verified: readonly IndexEntry[];
  /** Those of `verified` of which nothing says what some setting has to look like: nodes have to be held to each other. */
  readonly unnoted: readonly IndexEntry[];
  /** Indexes whose settings were to be compared, and could not be because these or their names are being changed. */
  readonly unjudged: readonly IndexEntry[];
}

/** `compares`: whose settings are looked at. null: the node does not answer, or not in a form that is known. */
export async function inspectNode(
  deps: InspectDeps,
  client: NodeClient,
  compares: (entry: IndexEntry) => boolean,
  signal?: AbortSignal,
): Promise<Inspection | null> {
  const before = await deps.renaming();
  const present = await listIndexes(deps, client, signal);
  if (present === null) return null;
  const renaming = before.union(await deps.renaming());
  const findings: Finding[] = [];
  const verified: IndexEntry[] = [];
  const unnoted: IndexEntry[] = [];
  const unjudged: IndexEntry[] = [];
  for (const indexUid of present.keys()) {
    const isKnown = deps.catalog.get(indexUid) !== undefined || renaming.has(indexUid);
    if (!isKnown) findings.push({ kind: "index_unknown", indexUid });
  }
  for (const entry of deps.catalog.list()) {
    if (entry.state !== "ready") continue;
    if (renaming.has(entry.uid)) {
      if (compares(entry)) unjudged.push(entry);
      continue;
    }
    const shown = present.get(entry.uid);
    if (shown === undefined) {
      const missing = await isMissing(deps, client, entry, signal);
      if (missing === null) return null;
      if (missing) findings.push({ kind: "index_missing", indexUid: entry.uid });
      continue;
    }
    // A key that the catalog lacks is about to be decided by a write that is on its way.
    if (entry.primaryKey !== null && shown !== entry.primaryKey) {
      findings.push({ kind: "primary_key_differs", indexUid: entry.uid, shown });
    }
    if (!compares(entry)) continue;
    if (deps.changing(entry.uid)) {
      unjudged.push(entry);
      continue;
    }
    const settings = await readNodeSettings(client, entry.uid, deps.timeoutMs, signal);
    if (settings === null) return null;
    // What has changed while the node was asked is judged the next time.
    if (deps.changing(entry.uid) || deps.catalog.get(entry.uid) !== entry) {
      unjudged.push(entry);
      continue;
    }
    const { ownForms } = entry;
    const meant = {
      client: entry.settings,
      ownForms,
      form: deps.form,
      shownBefore: entry.settingsHashes ?? {},
    };
    const keys = wrongSettings(settings, meant);
    if (keys.length > 0) {
      findings.push({ kind: "settings_differ", indexUid: entry.uid, keys, shown: settings });
      continue;
    }
    verified.push(entry);
    const { right } = judgeNode(settings, meant);
    if (Object.keys(settings).some((key) => !right.has(key) && meant.shownBefore[key] === undefined))
      unnoted.push(entry);
  }
  return { findings, verified, unnoted, unjudged };
}

/** Asked by itself, since names may have changed since the list was made. null: no answer. */
async function isMissing(
  deps: InspectDeps,
  client: NodeClient,
  { uid, createdAt }: IndexEntry,
  signal?: AbortSignal,
): Promise<boolean | null> {
  const { timeoutMs } = deps;
  const outcome = await client.send(
    { method: "GET", path: `/indexes/${uid}`, operation: "indexes.get", timeoutMs, repeat: "safe" },
    signal,
  );
  if (outcome.kind === "unavailable") return null;
  if (outcome.kind === "answered" || outcome.error.code !== "index_not_found") return false;
  if ((await deps.renaming()).has(uid)) return false;
  const now = deps.catalog.get(uid);
  return now?.state === "ready" && now.createdAt === createdAt;
}

async function listIndexes(
  deps: Pick<InspectDeps, "timeoutMs">,
  client: NodeClient,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string | null> | null> {
  const found = new Map<string, string | null>();
  for (let offset = 0; ; offset += PAGE) {
    const outcome = await client.send(
      {
        method: "GET",
        path: `/indexes?limit=${PAGE}&offset=${offset}`,
        operation: "indexes.list",
        timeoutMs: deps.timeoutMs,
        repeat: "safe",
      },
      signal,
    );
    if (outcome.kind !== "answered") return null;
    const { results } = JSON.parse(outcome.text) as { readonly results?: readonly NodeIndex[] };
    if (results === undefined) return null;
    for (const { uid, primaryKey } of results) found.set(uid, primaryKey);
    if (results.length < PAGE) return found;
  }
}

interface NodeIndex {
  readonly uid: string;
  readonly primaryKey: string | null;
}

const PAGE = 1_000;
