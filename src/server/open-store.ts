/** From the driver's name to its adapter; the only place that names one. */
import { apiError } from "../core/errors/api-error.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../platform/clock.ts";
import type { Store } from "../store/store.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Emit } from "../telemetry/event.ts";

export function openStore(config: Config, clock: Clock, emit: Emit): Store {
  const { backend, path } = config.task_store;
  if (backend === "sqlite") return openSqliteStore({ path, clock, emit });
  throw apiError(
    "miroir_not_supported",
    "`task_store.backend: redis` is not in this version; use `sqlite` and run one router.",
  );
}
