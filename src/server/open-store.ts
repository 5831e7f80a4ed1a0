/** From the driver's name to its adapter; the only place that names one. */
import type { Config } from "../config/config.ts";
import type { Clock } from "../platform/clock.ts";
import type { Store } from "../store/store.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Emit } from "../telemetry/event.ts";
import type { RouterIdentity } from "./router-identity.ts";

export async function openStore(config: Config, identity: RouterIdentity, clock: Clock, emit: Emit): Promise<Store> {
  const { backend, path, url } = config.task_store;
  if (backend === "sqlite") return openSqliteStore({ path, clock, emit });
  // Loaded only here: a router with a file of its own has no use for a Redis client.
  const { openRedisStore } = await import("../store/redis/open.ts");
  const connectionsMax = config.task_registry.redis_pool_max;
  const bodiesKeptMs = config.hints.max_age_s * 1_000 * BODY_OUTLIVES_HINT;
  return openRedisStore({ url, run: identity.run, emit, connectionsMax, bodiesKeptMs });
}

const BODY_OUTLIVES_HINT = 2;
