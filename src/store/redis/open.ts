/**
 * The store on a Redis server, for several routers. Opens the connection, refuses a layout that is newer than this
 * program, and hands out the ports. What is promised survives a crash of the server if that is told to keep an
 * append-only file; `docs/store.md` says how.
 */
import { systemClock } from "../../platform/system.ts";
import type { Emit } from "../../telemetry/event.ts";
import { storeAtRisk, storeOpened, storeWentBack } from "../../telemetry/events/store.ts";
import { SCHEMA_VERSION } from "../schema-version.ts";
import { StoreRefused } from "../store-refused.ts";
import type { Store } from "../store.ts";
import { redisAdminSessionStore } from "./admin-session-store.ts";
import { redisAliasStore } from "./alias-store.ts";
import { createBodyConnections } from "./body-connections.ts";
import { redisCanaryStore } from "./canary-store.ts";
import { redisCatalogStore } from "./catalog-store.ts";
import { redisCdcCursorStore, redisCdcOverflow } from "./cdc-store.ts";
import { redisChangeFeed } from "./change-feed.ts";
import { connectRedis, type RedisConnection } from "./connect.ts";
import { findRisks } from "./find-risks.ts";
import { redisHintSpool } from "./hint-spool.ts";
import { redisHintStore } from "./hint-store.ts";
import { redisIdempotencyStore } from "./idempotency-store.ts";
import { redisJobStore } from "./job-store.ts";
import { redisLeaseStore } from "./lease-store.ts";
import { createMemoryRoom } from "./memory-room.ts";
import { redisMovementStore } from "./movement-store.ts";
import { redisNodeVersionStore } from "./node-version-store.ts";
import { redisRateStore } from "./rate-store.ts";
import { redisRepairStore } from "./repair-store.ts";
import { redisRolloverStore } from "./rollover-store.ts";
import { redisRouterStore } from "./router-store.ts";
import { runScript, script } from "./run-script.ts";
import openText from "./scripts/open-store.lua" with { type: "text" };
import { redisSearchRuleStore } from "./search-rule-store.ts";
import { redisSearchUiStore } from "./search-ui-store.ts";
import { redisSessionStore } from "./session-store.ts";
import { redisTaskStore } from "./task-store.ts";
import { redisTenantStore } from "./tenant-store.ts";
import { redisTombstoneStore } from "./tombstone-store.ts";
import { redisTopologyStore } from "./topology-store.ts";
import { redisTurnStore } from "./turn-store.ts";
import { redisWebhookStore } from "./webhook-store.ts";

export interface RedisStoreOptions {
  readonly url: string;
  /** This run of the router: it owns the tasks that it inserts. */
  readonly run: string;
  readonly emit: Emit;
  /** Connections to the server, `task_registry.redis_pool_max`. */
  readonly connectionsMax?: number;
  /** Longer than a hint is kept: its body ends by itself after that. */
  readonly bodiesKeptMs?: number;
}

/** Rejects with `StoreRefused` when the server cannot be used as it is. */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const { url, emit } = options;
  const redis = await connectRedis(url, emit);
  try {
    const [found, before] = await runScript<readonly [number, number]>(redis, script(openText), SCHEMA_VERSION);
    if (found > SCHEMA_VERSION) {
      throw new StoreRefused(
        "schema_version_ahead",
        `SchemaVersionAhead: found ${found}, know ${SCHEMA_VERSION}. A newer version of Miroir has used this store; start that version, or give this one a database of its own.`,
      );
    }
    // What says that this router lives never waits behind what its clients want.
    const vital = await connectRedis(url, () => {});
    emit(storeOpened, { backend: "redis", schemaVersion: found, migrationsApplied: found - before });
    for (const { finding, advice } of await findRisks(redis, () => systemClock.nowMs())) {
      emit(storeAtRisk, { risk: finding, advice });
    }
    return assemble(redis, vital, options);
  } catch (cause) {
    await redis.close();
    if (cause instanceof StoreRefused) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new StoreRefused("unusable", `The Redis server of \`task_store.url\` cannot be used: ${detail}`, cause);
  }
}

function assemble(redis: RedisConnection, vital: RedisConnection, options: RedisStoreOptions): Store {
  const { url, run, emit, connectionsMax = CONNECTIONS_MAX, bodiesKeptMs = BODIES_KEPT_MS } = options;
  const connections = createBodyConnections({
    open: () => connectRedis(url, () => {}, BODY_SILENT_MS),
    shared: redis,
    most: Math.max(0, connectionsMax - CONNECTIONS_ALWAYS),
    clock: systemClock,
  });
  const topology = redisTopologyStore(redis, run);
  const known = (): string => (topology.followed().epoch === 0 ? "" : topology.followed().store);
  const changes = redisChangeFeed(vital);
  return {
    tasks: redisTaskStore({
      redis,
      owner: run,
      followed: () => topology.followed(),
      sawHints: (version) => changes.sawHints(version),
      wentBack: () => emit(storeWentBack, {}),
    }),
    catalog: redisCatalogStore(redis, known),
    nodeVersions: redisNodeVersionStore(redis),
    hints: redisHintStore(redis, run, known),
    topology,
    leases: redisLeaseStore(vital),
    routers: redisRouterStore(vital),
    jobs: redisJobStore(redis),
    sessions: redisSessionStore(redis),
    idempotency: redisIdempotencyStore(redis),
    tombstones: redisTombstoneStore(redis),
    repairs: redisRepairStore(redis),
    webhooks: redisWebhookStore(redis),
    searchRules: redisSearchRuleStore(redis),
    movements: redisMovementStore(redis),
    aliases: redisAliasStore(redis),
    canaries: redisCanaryStore(redis),
    cdcCursors: redisCdcCursorStore(redis),
    tenants: redisTenantStore(redis),
    rollovers: redisRolloverStore(redis),
    searchUi: redisSearchUiStore(redis),
    adminSessions: redisAdminSessionStore(vital),
    rates: redisRateStore(redis),
    cdcOverflow: redisCdcOverflow(redis),
    spool: redisHintSpool({ connections, room: createMemoryRoom(redis), keptMs: bodiesKeptMs }),
    turns: redisTurnStore(vital),
    changes,
    check: async () => {
      // A server that answers but takes no writes (its memory or disk is full, it has become a replica) does not work.
      await redis.command("SET", "miroir:check", run, "PX", CHECK_KEPT_MS);
      await topology.checkStore();
    },
    close: async () => {
      await Promise.all([connections.close(), redis.close(), vital.close()]);
    },
  };
}

/** One for everything small, one for what says that this router lives, one that listens for what changes. */
const CONNECTIONS_ALWAYS = 3;
const CONNECTIONS_MAX = 50;
const CHECK_KEPT_MS = 60_000;
const BODIES_KEPT_MS = 200_000_000;
/** A server may take longer for a large part than for a task. */
const BODY_SILENT_MS = 15_000;
