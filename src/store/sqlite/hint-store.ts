/** `HintStore` on the table `hints`. Places come from a counter, so no removed hint's place is given out again. */
import type { Hint, HintStore } from "../hint-store.ts";
import type { Connection } from "./connection.ts";
import { takeNumber } from "./take-number.ts";

interface Row {
  readonly id: string;
  readonly node_id: string;
  readonly index_uid: string;
  readonly seq: number;
  readonly request: string;
  readonly task_uid: number | null;
  readonly operation_id: string | null;
  readonly spool_ref: string | null;
  readonly bytes: number;
  readonly created_at: number;
}

export function sqliteHintStore({ read, write }: Connection): HintStore {
  return {
    append: (hint) =>
      write((database) => {
        const stored: Hint = { ...hint, seq: takeNumber(database, "hint_seq") };
        database
          .query(
            `INSERT INTO hints
               (id, node_id, index_uid, seq, kind, request, task_uid, operation_id, spool_ref, bytes, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          )
          .run(
            stored.id,
            stored.nodeId,
            stored.indexUid,
            stored.seq,
            stored.request.operation,
            JSON.stringify(stored.request),
            stored.taskUid,
            stored.operationId,
            stored.spoolRef,
            stored.bytes,
            stored.createdAt,
          );
        return stored;
      }),
    oldest: (nodeId, limit) =>
      read((database) =>
        database
          .query<Row, [string, number]>("SELECT * FROM hints WHERE node_id = ? ORDER BY seq LIMIT ?")
          .all(nodeId, limit)
          .map(toHint),
      ),
    remove: (id) => write((database) => void database.query("DELETE FROM hints WHERE id = ?").run(id)),
    totals: () =>
      read((database) => {
        const rows = database
          .query<{ node_id: string; count: number; bytes: number }, []>(
            "SELECT node_id, count(*) AS count, sum(bytes) AS bytes FROM hints GROUP BY node_id",
          )
          .all();
        return new Map(rows.map(({ node_id, count, bytes }) => [node_id, { count, bytes }]));
      }),
  };
}

function toHint(row: Row): Hint {
  return {
    id: row.id,
    nodeId: row.node_id,
    indexUid: row.index_uid,
    seq: row.seq,
    request: JSON.parse(row.request) as Hint["request"],
    taskUid: row.task_uid,
    operationId: row.operation_id,
    spoolRef: row.spool_ref,
    bytes: row.bytes,
    createdAt: row.created_at,
  };
}
