/** `TopologyStore` on the one row of the table `topology`. */
import type { StoredNode, TopologyStore } from "../topology-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly epoch: number;
  readonly replication_factor: number;
  readonly replica_groups: number;
  readonly nodes: string;
}

export function sqliteTopologyStore({ read, write }: Connection): TopologyStore {
  return {
    load: () =>
      read((database) => {
        const row = database.query<Row, []>("SELECT * FROM topology WHERE id = 1").get();
        if (row === null) return undefined;
        return {
          epoch: row.epoch,
          replicationFactor: row.replication_factor,
          replicaGroups: row.replica_groups,
          nodes: JSON.parse(row.nodes) as StoredNode[],
        };
      }),
    // Nobody else changes it: this store has one router.
    follow: () => {},
    save: (next, expectedEpoch) =>
      write((database) => {
        const stored = database.query<{ epoch: number }, []>("SELECT epoch FROM topology WHERE id = 1").get();
        if ((stored?.epoch ?? 0) !== expectedEpoch) return false;
        database
          .query(
            `INSERT OR REPLACE INTO topology (id, epoch, replication_factor, replica_groups, nodes)
             VALUES (1, ?, ?, ?, ?)`,
          )
          .run(next.epoch, next.replicationFactor, next.replicaGroups, JSON.stringify(next.nodes));
        return true;
      }),
  };
}
