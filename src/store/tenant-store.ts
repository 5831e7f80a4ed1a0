/** Which tenant an API key belongs to, and the replica group that answers that tenant. Keys are known by hash only. */
export interface Tenant {
  /** SHA-256 of the API key, 32 bytes. */
  readonly apiKeyHash: Uint8Array;
  readonly tenantId: string;
  /** null: any group. */
  readonly groupId: number | null;
}

export interface TenantStore {
  /** Sorted by tenant. */
  all(): Promise<readonly Tenant[]>;
  get(apiKeyHash: Uint8Array): Promise<Tenant | undefined>;
  /** In place of an earlier one of the same key. */
  put(tenant: Tenant): Promise<void>;
  /** False when there was none. */
  remove(apiKeyHash: Uint8Array): Promise<boolean>;
}
