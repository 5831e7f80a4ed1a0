/**
 * One document, from one owner of its shard; the next owner is asked when one does not answer, and in the end also one
 * that counts as unwell, if it is complete.
 */
import { apiError, nodeError } from "../../core/errors/api-error.ts";
import { MALFORMED, readObject, skipSpace } from "../../core/json/scan.ts";
import { renderDocument } from "../../core/merge/merge-documents.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import { fingerprint } from "../../core/search/fingerprint.ts";
import { shardOf } from "../../core/routing/shard-of.ts";
import type { NodeId } from "../../core/topology/topology.ts";
import { readRetried } from "../../telemetry/events/search.ts";
import { abortion } from "../search/gather-parts.ts";
import { chooseReaders } from "../search/choose-readers.ts";
import { INDEX_UID } from "../search/index-uid.ts";
import { judgeByNode, type Judgement } from "../search/judge-by-node.ts";
import type { ReadDocumentsDeps } from "./read-documents.ts";

export interface ReadDocumentInput {
  readonly indexUid: string;
  readonly documentId: string;
  /** As received, without `?`; the owner judges it. */
  readonly rawQuery: string;
  readonly judgement: Judgement;
}

/** The document as the node stored it, without markers. */
export async function readDocument(
  given: ReadDocumentsDeps,
  input: ReadDocumentInput,
  signal: AbortSignal,
): Promise<string> {
  const { indexUid, documentId } = input;
  if (!INDEX_UID.test(indexUid)) return judgeByNode(given.relay, input.judgement, "indexUid", signal);
  const entry = given.catalog.visible(indexUid);
  const map = given.fleet.shardMap(entry.shards);
  const shard = shardOf(documentId, map.shards);
  const { deps, group: first, permitted } = chooseReaders(given, entry, map);
  const groups = map.owners.map((_, i) => map.owners[(first + i) % map.owners.length]!);
  const owners: NodeId[] = groups.flatMap((owned) => owned[shard]!);
  const readers = owners.filter((nodeId) => deps.fleet.readable(nodeId));
  const print = fingerprint(documentId);
  const [wanted, others] = [true, false].map((is) => readers.filter((nodeId) => permitted(nodeId, print) === is));
  const resting = new Set(owners.filter((nodeId) => !readers.includes(nodeId)));
  const query = input.rawQuery === "" ? "" : `?${input.rawQuery}`;
  for (const [i, nodeId] of [...wanted!, ...others!, ...owners].entries()) {
    // The first round is of those that count as well; who was not asked then is tried if it is complete.
    const insists = i >= readers.length;
    // While others were asked it may have come back without its disk.
    if (!insists && i > 0 && !deps.fleet.readable(nodeId)) {
      resting.add(nodeId);
      continue;
    }
    if (insists && !(resting.has(nodeId) && (await deps.fleet.worthTrying(nodeId)))) continue;
    const outcome = await deps.fleet.client(nodeId).send(
      {
        method: "GET",
        path: `/indexes/${indexUid}/documents/${encodeURIComponent(documentId)}${query}`,
        operation: "documents.get",
        timeoutMs: deps.policy.nodeTimeoutMs,
        repeat: "safe",
        ...(insists ? { insists } : {}),
      },
      signal,
    );
    if (signal.aborted) throw abortion(signal);
    if (outcome.kind === "refused" && outcome.error.code !== "index_not_found") {
      throw nodeError(outcome.status, cleanNodeError(outcome.error));
    }
    const document = outcome.kind === "answered" ? withoutMarkers(outcome.text) : null;
    if (document !== null) return document;
    const reason = outcome.kind === "unavailable" ? outcome.reason : "garbage";
    if (reason === "breaker_open") resting.add(nodeId);
    deps.emit(readRetried, { operation: "documents.get", indexUid, nodeId, reason });
  }
  throw apiError(
    "miroir_shard_unavailable",
    `No node that could be reached holds shard ${shard} of index \`${indexUid}\`, to which the document belongs.`,
  );
}

const UNSORTED = { criteria: [], drop: [], cut: [] };

function withoutMarkers(text: string): string | null {
  const bounds: number[] = [];
  const end = readObject(text, skipSpace(text, 0), bounds);
  if (end === MALFORMED || skipSpace(text, end) !== text.length) return null;
  return renderDocument({ text, bounds }, UNSORTED);
}
