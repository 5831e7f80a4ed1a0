/** `NodeVersionStore` on the table `node_settings_version`. */
import type { NodeVersionStore } from "../node-version-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly index_uid: string;
  readonly index_created_at: number | null;
  readonly node_id: string;
  readonly version: number;
  readonly updated_at: number;
}

export function sqliteNodeVersionStore({ read, write }: Connection): NodeVersionStore {
  return {
    all: () =>
      read((database) =>
        database
          .query<Row, []>("SELECT * FROM node_settings_version ORDER BY index_uid, node_id")
          .all()
          .map(({ index_uid, index_created_at, node_id, version, updated_at }) => ({
            indexUid: index_uid,
            createdAt: index_created_at,
            nodeId: node_id,
            version,
            updatedAt: updated_at,
          })),
      ),
    change: ({ removeIndexes = [], put = [] }) =>
      write((database) => {
        for (const uid of removeIndexes) {
          database.query("DELETE FROM node_settings_version WHERE index_uid = ?").run(uid);
        }
        for (const { indexUid, createdAt, nodeId, version, updatedAt } of put) {
          database
            .query(
              `INSERT OR REPLACE INTO node_settings_version (index_uid, index_created_at, node_id, version, updated_at)
               VALUES (?, ?, ?, ?, ?)`,
            )
            .run(indexUid, createdAt, nodeId, version, updatedAt);
        }
      }),
  };
}
