/** What must survive a restart: a bundle of narrow ports. Nothing above the composition root knows the backend. */
import type { AdminSessionStore } from "./admin-session-store.ts";
import type { AliasStore } from "./alias-store.ts";
import type { CanaryStore } from "./canary-store.ts";
import type { CatalogStore } from "./catalog-store.ts";
import type { CdcCursorStore, CdcOverflow } from "./cdc-store.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { HintSpool } from "./hint-spool.ts";
import type { HintStore } from "./hint-store.ts";
import type { IdempotencyStore } from "./idempotency-store.ts";
import type { JobStore } from "./job-store.ts";
import type { LeaseStore } from "./lease-store.ts";
import type { MovementStore } from "./movement-store.ts";
import type { NodeVersionStore } from "./node-version-store.ts";
import type { RateStore } from "./rate-store.ts";
import type { RepairStore } from "./repair-store.ts";
import type { RolloverStore } from "./rollover-store.ts";
import type { RouterStore } from "./router-store.ts";
import type { SearchRuleStore } from "./search-rule-store.ts";
import type { SearchUiStore } from "./search-ui-store.ts";
import type { SessionStore } from "./session-store.ts";
import type { TaskStore } from "./task-store.ts";
import type { TenantStore } from "./tenant-store.ts";
import type { TombstoneStore } from "./tombstone-store.ts";
import type { TopologyStore } from "./topology-store.ts";
import type { TurnStore } from "./turn-store.ts";
import type { WebhookStore } from "./webhook-store.ts";

export interface Store {
  readonly tasks: TaskStore;
  readonly catalog: CatalogStore;
  readonly nodeVersions: NodeVersionStore;
  readonly hints: HintStore;
  readonly topology: TopologyStore;
  readonly leases: LeaseStore;
  readonly routers: RouterStore;
  readonly jobs: JobStore;
  readonly sessions: SessionStore;
  readonly idempotency: IdempotencyStore;
  readonly tombstones: TombstoneStore;
  readonly repairs: RepairStore;
  readonly webhooks: WebhookStore;
  readonly searchRules: SearchRuleStore;
  readonly movements: MovementStore;
  readonly aliases: AliasStore;
  readonly canaries: CanaryStore;
  readonly cdcCursors: CdcCursorStore;
  readonly tenants: TenantStore;
  readonly rollovers: RolloverStore;
  readonly searchUi: SearchUiStore;
  readonly adminSessions: AdminSessionStore;
  readonly rates: RateStore;
  readonly changes: ChangeFeed;
  /** Absent where events that memory has no room for go to the disk of the only router. */
  readonly cdcOverflow?: CdcOverflow;
  /** Bodies of hints that every router can read; absent when a folder of the only router has to do. */
  readonly spool?: HintSpool;
  /** Absent in a store of one router, whose turn it always is. */
  readonly turns?: TurnStore;
  /** Rejects with `miroir_store_unavailable` if the store does not work. */
  check(): Promise<void>;
  close(): Promise<void>;
}
