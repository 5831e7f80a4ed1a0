/** What the tasks of a simulated node tell of their work. */
import type { Json } from "./node-documents.ts";
import type { NodeWork } from "./simulated-node.ts";

export function detailsOf(indexUid: string | null, work: NodeWork): Json {
  if (work.type === "documentAdditionOrUpdate") {
    return { receivedDocuments: work.documents.length, indexedDocuments: null };
  }
  if (work.type === "documentDeletion") {
    if (work.by === "all") return { deletedDocuments: null };
    const originalFilter = work.by === "filter" ? JSON.stringify(work.filter) : null;
    return { providedIds: work.by === "ids" ? work.ids.length : 0, deletedDocuments: null, originalFilter };
  }
  if (work.type === "settingsUpdate") return work.patch;
  if (work.type === "indexSwap") return { swaps: work.swaps };
  if (work.type === "indexDeletion") return { deletedDocuments: null };
  if (work.type === "indexCreation" || work.newUid === null) return { primaryKey: work.primaryKey };
  return { primaryKey: work.primaryKey, oldIndexUid: indexUid, newIndexUid: work.newUid };
}

export function failedDetails(details: Json): Json {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, value === null && name.endsWith("Documents") ? 0 : value]),
  );
}
