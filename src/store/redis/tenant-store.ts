/** `TenantStore` in Redis: `miroir:tenant_map:<sha256 of the key>`. */
import type { Tenant, TenantStore } from "../tenant-store.ts";
import type { RedisConnection } from "./connect.ts";
import { redisRecords } from "./records.ts";

type Packed = Omit<Tenant, "apiKeyHash"> & { readonly apiKeyHash: string };

export function redisTenantStore(redis: RedisConnection): TenantStore {
  const records = redisRecords<Tenant, Packed>(
    redis,
    "miroir:tenant_map",
    (tenant) => ({ ...tenant, apiKeyHash: tenant.apiKeyHash.toHex() }),
    (packed) => ({ ...packed, apiKeyHash: Uint8Array.fromHex(packed.apiKeyHash) }),
  );
  return {
    all: async () => (await records.all()).toSorted((a, b) => (a.tenantId < b.tenantId ? -1 : 1)),
    get: (apiKeyHash) => records.get(apiKeyHash.toHex()),
    put: async (tenant) => void (await records.save(tenant.apiKeyHash.toHex(), tenant)),
    remove: (apiKeyHash) => records.remove(apiKeyHash.toHex()),
  };
}
