/** Decides which nodes are asked for a list of documents, and what they are asked. Pure, like the plan of a search. */
import type { IndexEntry } from "../catalog/index-entry.ts";
import { andFilters } from "../filters/and-filters.ts";
import { pinnedKeys } from "../filters/pinned-keys.ts";
import { shardFilter } from "../markers/codec.ts";
import { readSortCriteria, sortFields } from "../merge/document-keys.ts";
import type { DocumentOrder } from "../merge/merge-documents.ts";
import { coveringSet, type Permitted } from "../routing/covering-set.ts";
import type { CoverPart, CoveringSet, ShardMap } from "../routing/shard-map.ts";
import { shardOf } from "../routing/shard-of.ts";
import { nodeDocumentsBody, type DocumentsRequest, type NodeDocuments } from "./documents-request.ts";
import { fingerprint } from "./fingerprint.ts";

export interface PlanDocumentsInput {
  readonly request: DocumentsRequest;
  readonly entry: IndexEntry;
  readonly map: ShardMap;
  readonly group: number;
  readonly permitted: Permitted;
  readonly pinnedKeysMax: number;
}

export interface DocumentsPlan {
  readonly request: DocumentsRequest;
  readonly map: ShardMap;
  readonly fingerprint: number;
  readonly cover: CoveringSet;
  readonly order: DocumentOrder;
  /** The body for one node. */
  readonly body: (part: CoverPart, asked: DocumentsAsked) => string;
}

export interface DocumentsAsked extends Omit<NodeDocuments, "sortFields" | "placeStored"> {
  readonly paging: { readonly offset: number; readonly limit: number };
}

export function planDocuments(input: PlanDocumentsInput): DocumentsPlan {
  const { request, map, group, permitted } = input;
  const { filter, sort, ids, fields } = request;
  const print = fingerprint(JSON.stringify([input.entry.uid, filter, sort, ids, fields]));
  const shards = narrow(input);
  const criteria = readSortCriteria(sort);
  const added = sortFields(criteria, fields);
  const placeStored = input.entry.tieBreak === "node";
  const cover = coveringSet({ map, group, fingerprint: print, permitted, ...(shards === null ? {} : { shards }) });
  return {
    request,
    map,
    fingerprint: print,
    cover,
    order: { criteria, drop: added.drop, cut: added.cut, placeStored },
    body: (part, { paging, ...asked }) => {
      const forced = part.complete ? [] : [shardFilter(part.shards)];
      const joined = forced.length === 0 ? filter : andFilters(filter, forced);
      const shared = nodeDocumentsBody(request, {
        ...asked,
        placeStored,
        sortFields: (asked.keysOnly ? sortFields(criteria, []) : added).asked,
      });
      return JSON.stringify({ ...shared, ...paging, ...(joined === undefined ? {} : { filter: joined }) });
    },
  };
}

/**
 * Documents asked for by id, or by a filter on the primary key, are on known shards. null: all shards. Whether a list
 * can be sorted by distance at all depends on whether any document has coordinates.
 */
function narrow({ request, entry, map, pinnedKeysMax }: PlanDocumentsInput): readonly number[] | null {
  if (request.sort.some((criterion) => criterion.startsWith("_geoPoint("))) return null;
  const pinned =
    entry.primaryKey === null || request.filter === undefined
      ? null
      : pinnedKeys(request.filter, entry.primaryKey, pinnedKeysMax);
  const keys = request.ids === null || request.ids.length === 0 ? pinned : request.ids.map(String);
  if (keys === null) return null;
  return [...new Set(keys.map((key) => shardOf(key, map.shards)))].sort((a, b) => a - b);
}
