/** `TenantStore` on the table `tenant_map`. */
import type { Tenant, TenantStore } from "../tenant-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly api_key_hash: Uint8Array;
  readonly tenant_id: string;
  readonly group_id: number | null;
}

export function sqliteTenantStore({ read, write }: Connection): TenantStore {
  return {
    all: () =>
      read((database) =>
        database.query<Row, []>("SELECT * FROM tenant_map ORDER BY tenant_id, api_key_hash").all().map(toTenant),
      ),
    get: (apiKeyHash) =>
      read((database) => {
        const row = database
          .query<Row, [Uint8Array]>("SELECT * FROM tenant_map WHERE api_key_hash = ?")
          .get(apiKeyHash);
        return row === null ? undefined : toTenant(row);
      }),
    put: ({ apiKeyHash, tenantId, groupId }) =>
      write((database) => {
        const sql = "INSERT OR REPLACE INTO tenant_map (api_key_hash, tenant_id, group_id) VALUES (?, ?, ?)";
        database.query(sql).run(apiKeyHash, tenantId, groupId);
      }),
    remove: (apiKeyHash) =>
      write((database) => database.query("DELETE FROM tenant_map WHERE api_key_hash = ?").run(apiKeyHash).changes > 0),
  };
}

function toTenant(row: Row): Tenant {
  return { apiKeyHash: new Uint8Array(row.api_key_hash), tenantId: row.tenant_id, groupId: row.group_id };
}
