/** `CdcCursorStore` in a map. */
import type { CdcCursor, CdcCursorStore } from "../cdc-store.ts";

export function memoryCdcCursorStore(): CdcCursorStore {
  const sinks = new Map<string, Map<string, CdcCursor>>();
  return {
    ofSink: async (sinkName) =>
      [...(sinks.get(sinkName)?.values() ?? [])].toSorted((a, b) => (a.indexUid < b.indexUid ? -1 : 1)),
    advance: async (cursor) => {
      const sink = sinks.get(cursor.sinkName) ?? new Map<string, CdcCursor>();
      const stored = sink.get(cursor.indexUid);
      if (stored !== undefined && stored.lastEventSeq >= cursor.lastEventSeq) return false;
      sinks.set(cursor.sinkName, sink.set(cursor.indexUid, cursor));
      return true;
    },
    remove: async (sinkName) => void sinks.delete(sinkName),
  };
}
