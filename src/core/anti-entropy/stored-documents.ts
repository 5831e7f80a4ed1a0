/**
 * Stored documents out of a node's answer, as far as comparing replicas needs them: the key, the version of the last
 * write, and a digest of everything in the document. The digest does not depend on the order of the fields, which is that
 * in which a node first saw them; vectors are left out, since a node shows them only on request, and a write of vectors
 * changes the version.
 */
import { documentKey } from "../documents/document-key.ts";
import { nestedKey } from "../documents/nested-key.ts";
import { decodeSequence } from "../markers/codec.ts";
import { decodeExpiry } from "../markers/expiry.ts";
import { EXPIRES_AT_FIELD, UPDATED_AT_FIELD } from "../markers/fields.ts";
import { countMember, splitAnswer } from "../merge/answer-list.ts";
import { createHitCursor, lastMember, type Hit } from "../merge/hit-cursor.ts";

export interface StoredDocument {
  readonly key: string;
  /** 0: it carries none, so any other is newer. */
  readonly version: bigint;
  readonly digest: bigint;
  /** null: it does not say when it expires. */
  readonly expiresAt: number | null;
  /** As the node printed it, with the markers. */
  readonly text: string;
}

export interface StoredPage {
  readonly documents: readonly StoredDocument[];
  /** Of the whole list. */
  readonly total: number;
}

/** null: not the engine's answer to a request for documents with their keys. */
export function readStoredPage(text: string, primaryKey: string): StoredPage | null {
  const list = splitAnswer(text, "results", "offset");
  const total = list === null ? null : countMember(list.members, "total");
  if (list === null || total === null) return null;
  const documents: StoredDocument[] = [];
  const cursor = createHitCursor(list);
  for (let hit = cursor.next(); hit !== null; hit = cursor.next()) {
    if (hit === "garbage") return null;
    const document = readStored(hit, primaryKey);
    if (document === null) return null;
    documents.push(document);
  }
  return { documents, total };
}

function readStored(hit: Hit, primaryKey: string): StoredDocument | null {
  const { text, bounds } = hit;
  if (bounds.length === 0) return null;
  const printed = `{${text.slice(bounds[0], bounds.at(-1))}}`;
  const key = primaryKey.includes(".") ? nestedKeyOf(printed, primaryKey) : keyOf(hit, primaryKey);
  if (key === null) return null;
  return { key, version: versionOf(hit), digest: digestOf(hit), expiresAt: expiryOf(hit), text: printed };
}

function keyOf({ text, bounds }: Hit, primaryKey: string): string | null {
  const member = lastMember(text, bounds, primaryKey);
  return member < 0 ? null : keyText(text.slice(bounds[member + 2], bounds[member + 3]));
}

function keyText(value: string): string | null {
  const bytes = encoder.encode(value);
  return documentKey(bytes, 0, bytes.length);
}

function nestedKeyOf(printed: string, primaryKey: string): string | null {
  const bytes = encoder.encode(printed);
  const nested = nestedKey(bytes, 0, primaryKey, true);
  return nested.kind === "found" ? documentKey(bytes, nested.start, nested.end) : null;
}

function versionOf(hit: Hit): bigint {
  const marker = markerOf(hit, UPDATED_AT_FIELD);
  return marker === null ? 0n : (decodeSequence(marker) ?? 0n);
}

function expiryOf(hit: Hit): number | null {
  const marker = markerOf(hit, EXPIRES_AT_FIELD);
  return marker === null ? null : decodeExpiry(marker);
}

function markerOf({ text, bounds }: Hit, field: string): string | null {
  const member = lastMember(text, bounds, field);
  return member < 0 ? null : text.slice(bounds[member + 2]! + 1, bounds[member + 3]! - 1);
}

/** Each member hashed by itself, summed up, and mixed: without the mixing two documents could exchange fields unseen. */
function digestOf({ text, bounds }: Hit): bigint {
  let sum = 0n;
  for (let i = 0; i < bounds.length; i += 4) {
    if (text.startsWith(VECTORS, bounds[i])) continue;
    sum += Bun.hash.xxHash64(text.slice(bounds[i], bounds[i + 3]));
  }
  return mixed(BigInt.asUintN(64, sum));
}

function mixed(value: bigint): bigint {
  let mix = BigInt.asUintN(64, (value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n);
  mix = BigInt.asUintN(64, (mix ^ (mix >> 27n)) * 0x94d049bb133111ebn);
  return mix ^ (mix >> 31n);
}

const VECTORS = '"_vectors"';
const encoder = new TextEncoder();
