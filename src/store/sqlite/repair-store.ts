/** `RepairStore` on the tables `suspects`, `node_marks` and `repair_passes`. */
import type { NodeMark, RepairPass, RepairStore, Suspect, SuspectReason } from "../repair-store.ts";
import type { Connection } from "./connection.ts";

interface SuspectRow {
  readonly node_id: string;
  readonly index_uid: string;
  readonly reason: SuspectReason;
  readonly since: number;
}

interface MarkRow {
  readonly node_id: string;
  readonly task_uid: number;
  readonly enqueued_at: string;
}

export function sqliteRepairStore({ read, write }: Connection): RepairStore {
  return {
    suspects: () =>
      read((database) => database.query<SuspectRow, []>("SELECT * FROM suspects ORDER BY since").all().map(toSuspect)),
    suspect: ({ nodeId, indexUid, reason, since }) =>
      write(
        (database) =>
          void database
            .query("INSERT OR REPLACE INTO suspects (node_id, index_uid, reason, since) VALUES (?, ?, ?, ?)")
            .run(nodeId, indexUid, reason, since),
      ),
    clear: ({ nodeId, indexUid, since }) =>
      write(
        (database) =>
          void database
            .query("DELETE FROM suspects WHERE node_id = ? AND index_uid = ? AND since = ?")
            .run(nodeId, indexUid, since),
      ),
    marks: () =>
      read((database) => database.query<MarkRow, []>("SELECT * FROM node_marks ORDER BY node_id").all().map(toMark)),
    mark: (marks) =>
      write((database) => {
        const insert = database.query(
          "INSERT OR REPLACE INTO node_marks (node_id, task_uid, enqueued_at) VALUES (?, ?, ?)",
        );
        for (const { nodeId, taskUid, enqueuedAt } of marks) insert.run(nodeId, taskUid, enqueuedAt);
      }),
    passes: () =>
      read((database) => {
        const rows = database.query<{ router: string; state: string }, []>("SELECT * FROM repair_passes").all();
        return new Map(rows.map(({ router, state }) => [router, JSON.parse(state) as RepairPass]));
      }),
    savePass: (router, pass) =>
      write(
        (database) =>
          void database
            .query("INSERT OR REPLACE INTO repair_passes (router, state) VALUES (?, ?)")
            .run(router, JSON.stringify(pass)),
      ),
    forgetPass: (router) =>
      write((database) => void database.query("DELETE FROM repair_passes WHERE router = ?").run(router)),
  };
}

function toSuspect({ node_id: nodeId, index_uid: indexUid, reason, since }: SuspectRow): Suspect {
  return { nodeId, indexUid, reason, since };
}

function toMark({ node_id: nodeId, task_uid: taskUid, enqueued_at: enqueuedAt }: MarkRow): NodeMark {
  return { nodeId, taskUid, enqueuedAt };
}
