/**
 * What one node has of expired documents. It is asked by a comparison, and each document is then judged by what it says
 * itself: the engine's tree may still name one that has been given another time.
 */
import { hasExpired } from "../../core/anti-entropy/judge-key.ts";
import { readStoredPage } from "../../core/anti-entropy/stored-documents.ts";
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { shardFilter } from "../../core/markers/codec.ts";
import { expiredFilter, expiryFilter } from "../../core/markers/expiry.ts";
import { EXPIRES_AT_FIELD } from "../../core/markers/fields.ts";
import { lacksExpiry } from "../../core/markers/lacks-marker.ts";
import type { Fleet } from "../fleet/fleet.ts";

export interface LookDeps {
  readonly fleet: Pick<Fleet, "client">;
  readonly readTimeoutMs: number;
}

export interface Look {
  readonly documents: readonly { readonly key: string; readonly expiresAt: number }[];
  /** Of those there are; more than are listed where the limit was reached. */
  readonly total: number;
}

/** The node does not have the settings yet by which it could be asked. */
export type LookOutcome = Look | "not_prepared" | "no_answer";

export interface LookQuestion {
  readonly shards: readonly number[];
  readonly nowMs: number;
  readonly limit: number;
}

export async function lookForExpired(
  deps: LookDeps,
  entry: IndexEntry,
  nodeId: string,
  { shards, nowMs, limit }: LookQuestion,
  signal: AbortSignal,
): Promise<LookOutcome> {
  const page = await ask(deps, entry, nodeId, { filter: expiredFilter(shards, nowMs), limit }, signal);
  if (typeof page === "string") return page;
  const documents = page.documents.flatMap(({ key, expiresAt }) =>
    expiresAt !== null && hasExpired({ expiresAt }, nowMs) ? [{ key, expiresAt }] : [],
  );
  return { documents, total: page.total - page.documents.length + documents.length };
}

/** How many documents of a shard expire at these times. */
export async function countExpired(
  deps: LookDeps,
  entry: IndexEntry,
  nodeId: string,
  { shard, times }: { readonly shard: number; readonly times: readonly number[] },
  signal: AbortSignal,
): Promise<number | null> {
  const filter = `${shardFilter([shard])} AND ${expiryFilter(times)}`;
  const page = await ask(deps, entry, nodeId, { filter, limit: 0 }, signal);
  return typeof page === "string" ? null : page.total;
}

async function ask(
  { fleet, readTimeoutMs }: LookDeps,
  { uid, primaryKey }: IndexEntry,
  nodeId: string,
  question: { readonly filter: string; readonly limit: number },
  signal: AbortSignal,
) {
  const key = primaryKey ?? "";
  const outcome = await fleet.client(nodeId).send(
    {
      method: "POST",
      path: `/indexes/${uid}/documents/fetch`,
      body: JSON.stringify({ ...question, fields: [key, EXPIRES_AT_FIELD] }),
      operation: "documents.expired",
      timeoutMs: readTimeoutMs,
      repeat: "safe",
    },
    signal,
  );
  if (outcome.kind === "refused" && lacksExpiry(outcome.error)) return "not_prepared";
  return (outcome.kind === "answered" ? readStoredPage(outcome.text, key) : null) ?? "no_answer";
}
