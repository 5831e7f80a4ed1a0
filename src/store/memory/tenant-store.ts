/** `TenantStore` in a map. */
import type { Tenant, TenantStore } from "../tenant-store.ts";

export function memoryTenantStore(): TenantStore {
  const tenants = new Map<string, Tenant>();
  return {
    all: async () => [...tenants.values()].toSorted((a, b) => (a.tenantId < b.tenantId ? -1 : 1)),
    get: async (apiKeyHash) => tenants.get(apiKeyHash.toHex()),
    put: async (tenant) => void tenants.set(tenant.apiKeyHash.toHex(), structuredClone(tenant)),
    remove: async (apiKeyHash) => tenants.delete(apiKeyHash.toHex()),
  };
}
