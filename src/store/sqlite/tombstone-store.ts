/** `TombstoneStore` on the table `tombstones`. Versions are texts of sixteen hexadecimal digits. */
import type { Tombstone, TombstoneStore } from "../tombstone-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly id: string;
  readonly born: number;
  readonly version: string;
  readonly kind: Tombstone["kind"];
  readonly payload: string;
  readonly task_uid: number | null;
  readonly created_at: number;
}

export function sqliteTombstoneStore({ read, write }: Connection): TombstoneStore {
  return {
    put: ({ id, born, version, kind, payload, taskUid, createdAt }) =>
      write(
        (database) =>
          void database
            .query(
              `INSERT OR REPLACE INTO tombstones (id, born, version, kind, payload, task_uid, created_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?)`,
            )
            .run(id, born, version.toString(16).padStart(16, "0"), kind, payload, taskUid, createdAt),
      ),
    remove: (id) => write((database) => void database.query("DELETE FROM tombstones WHERE id = ?").run(id)),
    ofIndex: (born, { after, limit }) =>
      read((database) =>
        database
          .query<Row, [number, string, number]>(
            "SELECT * FROM tombstones WHERE born = ? AND id > ? ORDER BY id LIMIT ?",
          )
          .all(born, after, limit)
          .map(toTombstone),
      ),
    newestVersion: () =>
      read((database) => {
        const row = database
          .query<{ newest: string | null }, []>("SELECT MAX(version) AS newest FROM tombstones")
          .get();
        return row?.newest == null ? null : BigInt(`0x${row.newest}`);
      }),
    prune: (createdBefore, limit) =>
      write(
        (database) =>
          database
            .query(
              `DELETE FROM tombstones WHERE id IN
                 (SELECT id FROM tombstones WHERE created_at < ? ORDER BY created_at LIMIT ?)`,
            )
            .run(createdBefore, limit).changes,
      ),
  };
}

function toTombstone(row: Row): Tombstone {
  const { id, born, version, kind, payload, task_uid: taskUid, created_at: createdAt } = row;
  return { id, born, version: BigInt(`0x${version}`), kind, payload, taskUid, createdAt };
}
