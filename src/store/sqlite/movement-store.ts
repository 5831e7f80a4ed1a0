/** `MovementStore` on the table `migrations_state`. */
import type { Movement, MovementStore } from "../movement-store.ts";
import type { Connection } from "./connection.ts";
import { writeUnderFence } from "./lease-store.ts";

interface Row {
  readonly id: string;
  readonly kind: Movement["kind"];
  readonly state: string;
  readonly updated_at: number;
}

const PUT = "INSERT OR REPLACE INTO migrations_state (id, kind, state, updated_at) VALUES (?, ?, ?, ?)";

export function sqliteMovementStore(connection: Connection): MovementStore {
  return {
    all: () =>
      connection.read((database) =>
        database
          .query<Row, []>("SELECT * FROM migrations_state ORDER BY id")
          .all()
          .map(({ id, kind, state, updated_at }) => {
            return { id, kind, state: JSON.parse(state) as Movement["state"], updatedAt: updated_at };
          }),
      ),
    save: ({ id, kind, state, updatedAt }, fence) =>
      writeUnderFence(connection, fence, (database) => {
        database.query(PUT).run(id, kind, JSON.stringify(state), updatedAt);
      }),
    remove: (id, fence) =>
      writeUnderFence(connection, fence, (database) => {
        database.query("DELETE FROM migrations_state WHERE id = ?").run(id);
      }),
  };
}
