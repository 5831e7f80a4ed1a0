/** `CdcCursorStore` on the table `cdc_cursors`. */
import type { CdcCursorStore } from "../cdc-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly sink_name: string;
  readonly index_uid: string;
  readonly last_event_seq: number;
  readonly updated_at: number;
}

const OF_SINK = "SELECT * FROM cdc_cursors WHERE sink_name = ? ORDER BY index_uid";
const ADVANCE = `INSERT INTO cdc_cursors (sink_name, index_uid, last_event_seq, updated_at) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET last_event_seq = excluded.last_event_seq, updated_at = excluded.updated_at
  WHERE excluded.last_event_seq > cdc_cursors.last_event_seq`;

export function sqliteCdcCursorStore({ read, write }: Connection): CdcCursorStore {
  return {
    ofSink: (sinkName) =>
      read((database) =>
        database
          .query<Row, [string]>(OF_SINK)
          .all(sinkName)
          .map((row) => ({
            sinkName: row.sink_name,
            indexUid: row.index_uid,
            lastEventSeq: row.last_event_seq,
            updatedAt: row.updated_at,
          })),
      ),
    advance: ({ sinkName, indexUid, lastEventSeq, updatedAt }) =>
      write((database) => database.query(ADVANCE).run(sinkName, indexUid, lastEventSeq, updatedAt).changes > 0),
    remove: (sinkName) =>
      write((database) => void database.query("DELETE FROM cdc_cursors WHERE sink_name = ?").run(sinkName)),
  };
}
