/** A store that forgets everything at the end of the process: for tests and throw-away demonstrations. */
import type { Clock } from "../../platform/clock.ts";
import { systemClock } from "../../platform/system.ts";
import { quietFeed } from "../change-feed.ts";
import { localRates } from "../rate-store.ts";
import type { Store } from "../store.ts";
import { memoryAdminSessionStore } from "./admin-session-store.ts";
import { memoryAliasStore } from "./alias-store.ts";
import { memoryCanaryStore } from "./canary-store.ts";
import { memoryCatalogStore } from "./catalog-store.ts";
import { memoryCdcCursorStore } from "./cdc-store.ts";
import { memoryHintStore } from "./hint-store.ts";
import { memoryIdempotencyStore } from "./idempotency-store.ts";
import { memoryJobStore } from "./job-store.ts";
import { memoryLeaseStore } from "./lease-store.ts";
import { memoryMovementStore } from "./movement-store.ts";
import { memoryNodeVersionStore } from "./node-version-store.ts";
import { memoryRepairStore } from "./repair-store.ts";
import { memoryRolloverStore } from "./rollover-store.ts";
import { memoryRouterStore } from "./router-store.ts";
import { memorySearchRuleStore } from "./search-rule-store.ts";
import { memorySearchUiStore } from "./search-ui-store.ts";
import { memorySessionStore } from "./session-store.ts";
import { memoryTaskStore } from "./task-store.ts";
import { memoryTenantStore } from "./tenant-store.ts";
import { memoryTombstoneStore } from "./tombstone-store.ts";
import { memoryTopologyStore } from "./topology-store.ts";
import { memoryWebhookStore } from "./webhook-store.ts";

export function openMemoryStore(clock: Pick<Clock, "nowMs"> = systemClock): Store {
  const nowMs = (): number => clock.nowMs();
  const leases = memoryLeaseStore(nowMs);
  const webhooks = memoryWebhookStore();
  return {
    tasks: memoryTaskStore(leases, (uid) => webhooks.noteEnd(uid)),
    catalog: memoryCatalogStore(),
    nodeVersions: memoryNodeVersionStore(),
    hints: memoryHintStore(),
    topology: memoryTopologyStore(),
    leases,
    routers: memoryRouterStore(nowMs),
    jobs: memoryJobStore(nowMs),
    sessions: memorySessionStore(nowMs),
    idempotency: memoryIdempotencyStore(nowMs),
    tombstones: memoryTombstoneStore(),
    repairs: memoryRepairStore(),
    webhooks,
    searchRules: memorySearchRuleStore(),
    movements: memoryMovementStore(leases),
    aliases: memoryAliasStore(leases),
    canaries: memoryCanaryStore(),
    cdcCursors: memoryCdcCursorStore(),
    tenants: memoryTenantStore(),
    rollovers: memoryRolloverStore(),
    searchUi: memorySearchUiStore(leases, nowMs),
    adminSessions: memoryAdminSessionStore(nowMs),
    rates: localRates(nowMs),
    changes: quietFeed,
    check: async () => {},
    close: async () => {},
  };
}
