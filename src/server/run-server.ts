/**
 * The life of a router: open the store, build, recover, listen, run until told to stop, then drain. Every step that
 * fails says why in one line and leaves nothing half-started.
 */
import type { Config } from "../config/config.ts";
import { runCoordinator, type RunningCoordinator } from "../coordinators/run-coordinator.ts";
import { ApiError } from "../core/errors/api-error.ts";
import { listen, listenForMetrics, type Listener } from "../http/listen.ts";
import { systemClock, systemRandom } from "../platform/system.ts";
import type { Store } from "../store/store.ts";
import { createTelemetry, type Telemetry } from "../telemetry/create-telemetry.ts";
import {
  configurationWarned,
  routerFailed,
  routerStarted,
  routerStopped,
  routerStopping,
} from "../telemetry/events/server.ts";
import { buildServer, type Server } from "./build-server.ts";
import { openStore } from "./open-store.ts";
import { refuseLostStore } from "./refuse-lost-store.ts";
import { routerIdentity } from "./router-identity.ts";
import { realSurroundings, type Surroundings } from "./surroundings.ts";

export interface RunOptions {
  readonly version: string;
  readonly warnings: readonly string[];
}

/** What running requests get before their connections are cut. */
const DRAIN_MS = 10_000;
const EXIT_OK = 0;
const EXIT_FAILED = 1;

/** Resolves to the exit code when the router has stopped. */
export async function runServer(config: Config, options: RunOptions): Promise<number> {
  const telemetry = createTelemetry({
    clock: systemClock,
    version: options.version,
    level: config.log.level,
    format: config.log.format,
    secrets: [config.master_key, config.node_master_key, config.admin.api_key].filter((secret) => secret !== ""),
  });
  for (const warning of options.warnings) telemetry.emit(configurationWarned, { warning });
  const identity = routerIdentity(config, systemRandom);
  let store: Store | undefined;
  try {
    store = await openStore(config, identity, systemClock, telemetry.emit);
    const stopped = stopSignal();
    const around = { ...realSurroundings, identity, stop: stopped.stop };
    const running = await start(config, options, telemetry, store, around);
    const signal = await stopped.signal;
    telemetry.emit(routerStopping, { signal });
    await drain(running);
    telemetry.emit(routerStopped, {});
    return EXIT_OK;
  } catch (error) {
    telemetry.emit(routerFailed, { reason: reasonOf(error), error });
    return EXIT_FAILED;
  } finally {
    await store?.close();
    await telemetry.log.flush();
  }
}

interface Running {
  readonly server: Server;
  readonly listeners: readonly Listener[];
  readonly coordinators: readonly RunningCoordinator[];
}

async function start(
  config: Config,
  options: RunOptions,
  telemetry: Telemetry,
  store: Store,
  around: Surroundings,
): Promise<Running> {
  const { emit } = telemetry;
  await refuseLostStore(config, store, around, emit);
  const server = await buildServer(config, telemetry, store, around);
  await server.recover();
  const coordinators = server.coordinators.map((one) =>
    runCoordinator(one, { clock: systemClock, emit, leases: server.leases }),
  );
  const { cert, key } = config.server.tls;
  const tls = cert === "" ? undefined : { certPath: cert, keyPath: key };
  const listeners = [listen(server.app, { hostname: config.server.bind, port: config.server.port, tls, emit })];
  if (config.metrics.enabled) {
    listeners.push(
      listenForMetrics(metricsOf(telemetry), { hostname: config.metrics.bind, port: config.metrics.port, emit }),
    );
  }
  const ports = listeners.map((listener) => listener.port);
  emit(routerStarted, { version: options.version, port: ports[0] ?? 0, nodes: config.nodes.length });
  return { server, listeners, coordinators };
}

/** New requests are refused, running ones end or are cut after `DRAIN_MS`, background work ends, then writes settle. */
async function drain({ server, listeners, coordinators }: Running): Promise<void> {
  server.app.drain();
  const stopped = Promise.all(listeners.map((listener) => listener.stop()));
  const patience = new AbortController();
  const late = systemClock.sleep(DRAIN_MS, patience.signal).then(
    () => Promise.all(listeners.map((listener) => listener.kill())),
    () => undefined,
  );
  await Promise.race([stopped, late]);
  patience.abort(new ApiError(503, { message: "drained", code: "miroir_shutting_down", type: "system", link: "" }));
  await Promise.all(coordinators.map((coordinator) => coordinator.stop()));
  await server.close();
}

export function metricsOf(telemetry: Telemetry): { render(): Promise<string>; readonly contentType: string } {
  return { render: () => telemetry.render(), contentType: telemetry.metrics.contentType };
}

/** Resolves to why the router has to stop: a signal of the system, or what a part of it says. */
function stopSignal(): { readonly signal: Promise<string>; readonly stop: (reason: string) => void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  return { signal: promise, stop: resolve };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
