/**
 * The router as it is, on a simulated clock, network and disk. It can be killed between any two events; a new run then
 * starts on what the disk has kept. Nothing of a dead run moves again: its timers, answers and disk are silent.
 */
import type { Config } from "../../src/config/config.ts";
import { runCoordinator } from "../../src/coordinators/run-coordinator.ts";
import type { App } from "../../src/http/app.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { buildServer } from "../../src/server/build-server.ts";
import type { Telemetry } from "../../src/telemetry/create-telemetry.ts";
import type { Dice } from "./dice.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";
import type { Network, Sender } from "./simulated-network.ts";
import type { Timeline } from "./timeline.ts";

/** What a client sees of one request; `lost`: the connection ended without an answer. */
export type ClientAnswer =
  | { readonly kind: "lost"; readonly sent: boolean }
  | { readonly kind: "answered"; readonly status: number; readonly degraded: string | null; readonly body: unknown };

export interface SimulatedRouter {
  start(): void;
  kill(): void;
  isUp(): boolean;
  request(method: string, path: string, body?: unknown): Promise<ClientAnswer>;
  /** The wall clock jumps; the monotonic one does not. */
  jump(byMs: number): void;
  wallMs(): number;
  /** When the wall clock first showed this time, on the timeline; Infinity: it has not yet. */
  shownFromMs(wallMs: number): number;
}

export interface RouterWorld {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly network: Network;
  readonly disk: SimulatedDisk;
  readonly config: Config;
  readonly note: (text: string) => void;
  /** Told of every event that the router emits. */
  readonly emitted: (name: string, fields: object) => void;
}

interface Run extends Sender {
  alive: boolean;
  app: App | null;
  die(): void;
}

const RETRY_START_MS = 400;
export const ADMIN_KEY = "simulated-admin-key";
/** Any time will do, as long as it is always the same. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

export function createRouter(world: RouterWorld): SimulatedRouter {
  const { timeline, dice, network, disk, config, note } = world;
  let run: Run | null = null;
  let skewMs = 0;
  const skews = [{ fromMs: 0, skewMs }];
  const wallMs = (): number => EPOCH_MS + timeline.nowMs() + skewMs;

  function start(): void {
    if (run?.alive === true) return;
    const fresh = newRun();
    run = fresh;
    note("router starts");
    boot(fresh).catch((error: unknown) => {
      if (!fresh.alive) return;
      note(`router does not start: ${String(error)}`);
      fresh.die();
      timeline.after(RETRY_START_MS, () => {
        if (run === fresh) start();
      });
    });
  }

  async function boot(fresh: Run): Promise<void> {
    const clock = clockOf(timeline, fresh, wallMs);
    const telemetry = telemetryOf(world);
    const server = await buildServer(config, telemetry, disk.store(fresh), {
      clock,
      random: dice,
      wire: ({ nodeId }) => network.wire(fresh, nodeId),
      spool: () => disk.spool(fresh),
      identity: { name: "router", run: `router/${dice.uuidV7()}` },
      stop: () => fresh.die(),
    });
    await server.recover();
    const running = { clock, emit: telemetry.emit, leases: server.leases };
    for (const coordinator of server.coordinators) runCoordinator(coordinator, running);
    fresh.app = server.app;
    note("router is ready");
  }

  return {
    start,
    kill: () => {
      if (run?.alive !== true) return;
      note("router killed");
      run.die();
    },
    isUp: () => run?.alive === true && run.app !== null,
    request(method, path, body) {
      const { promise, resolve } = Promise.withResolvers<ClientAnswer>();
      const at = run;
      if (at?.alive !== true || at.app === null) return Promise.resolve({ kind: "lost", sent: false });
      const { app } = at;
      at.onDeath(() => resolve({ kind: "lost", sent: true }));
      const request = requestOf(method, path, body);
      timeline.after(dice.between(0.1, 1), () => {
        if (!at.alive) return;
        app
          .handle(request)
          .then(readAnswer)
          .then(
            (answer) => {
              if (at.alive) timeline.after(dice.between(0.1, 1), () => at.alive && resolve(answer));
            },
            (error: unknown) => note(`a request ended without an answer: ${String(error)}`),
          );
      });
      return promise;
    },
    jump: (byMs) => {
      skewMs += byMs;
      skews.push({ fromMs: timeline.nowMs(), skewMs });
    },
    wallMs,
    shownFromMs(time) {
      for (const [at, since] of skews.entries()) {
        const untilMs = skews[at + 1]?.fromMs ?? timeline.nowMs();
        const shownMs = Math.max(since.fromMs, time - EPOCH_MS - since.skewMs);
        if (shownMs <= untilMs) return shownMs;
      }
      return Infinity;
    },
  };
}

function requestOf(method: string, path: string, body: unknown): Request {
  const admin = path.startsWith("/_miroir/") ? { "x-admin-key": ADMIN_KEY } : {};
  if (body === undefined) return new Request(`http://router${path}`, { method, headers: admin });
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": String(text.length), ...admin };
  return new Request(`http://router${path}`, { method, headers, body: text });
}

async function readAnswer(response: Response): Promise<ClientAnswer> {
  const text = await response.text();
  const degraded = response.headers.get("x-miroir-degraded");
  return { kind: "answered", status: response.status, degraded, body: text === "" ? null : JSON.parse(text) };
}

function newRun(): Run {
  const mourners = new Set<() => void>();
  const fresh: Run = {
    alive: true,
    app: null,
    onDeath: (work) => void mourners.add(work),
    die() {
      fresh.alive = false;
      for (const work of mourners) work();
      mourners.clear();
    },
  };
  return fresh;
}

function clockOf(timeline: Timeline, run: Run, wallMs: () => number): Clock {
  const later = (durationMs: number, work: () => void): (() => void) =>
    timeline.after(durationMs, () => {
      if (run.alive) work();
    });
  return {
    nowMs: () => Math.floor(wallMs()),
    monotonicMs: () => timeline.nowMs(),
    startTimer: (durationMs, callback) => ({ cancel: later(durationMs, callback) }),
    sleep: (durationMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const onAbort = (): void => {
          cancel();
          reject(signal?.reason as Error);
        };
        const cancel = later(durationMs, () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        });
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
  };
}

/** Nothing is written or counted; events are told to the simulation. */
function telemetryOf({ emitted }: RouterWorld): Telemetry {
  return {
    emit: (kind, fields) => emitted(kind.name, fields),
    metrics: {
      count: () => {},
      set: () => {},
      observe: () => {},
      activate: () => {},
      render: async () => "",
      contentType: "text/plain",
    },
    log: { enabled: () => false, write: () => {}, setLevel: () => {}, flush: async () => {}, flushNow: () => {} },
    render: async () => "",
  };
}
