/**
 * What survives the router: the store in memory and the spool, behind a disk that takes its time, may refuse, and at a
 * crash has carried out what was confirmed and some beginning of what was not.
 */
import { type ApiError, apiError } from "../../src/core/errors/api-error.ts";
import { wholeBody } from "../../src/core/documents/body-stream.ts";
import type { HintSpool } from "../../src/store/hint-spool.ts";
import { openMemoryStore } from "../../src/store/memory/open.ts";
import type { Store } from "../../src/store/store.ts";
import type { Dice } from "./dice.ts";
import type { Sender } from "./simulated-network.ts";
import type { Timeline } from "./timeline.ts";

export interface SimulatedDisk {
  /** What is durable now, for checks; nothing else may use it. */
  readonly durable: Store;
  readonly bodies: ReadonlyMap<string, Uint8Array>;
  /** The disk as one run of the router sees it. */
  store(run: Sender): Store;
  spool(run: Sender): HintSpool;
  /** Share of the operations that fail. */
  setFailing(share: number): void;
  isFailing(): boolean;
}

/** Plants a defect below the services: wraps the store that a run gets. */
export type StoreDefect = (store: Store) => Store;

interface Operation {
  readonly carryOut: () => Promise<unknown>;
  done: boolean;
}

export interface DiskParts {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly nowMs: () => number;
  readonly defect: StoreDefect;
}

export function createDisk({ timeline, dice, nowMs, defect }: DiskParts): SimulatedDisk {
  const durable = openMemoryStore({ nowMs });
  const planted = defect(durable);
  const bodies = new Map<string, Uint8Array>();
  let failing = 0;

  function queueOf(run: Sender): (carryOut: () => Promise<unknown>) => Promise<unknown> {
    let busyUntilMs = 0;
    let open: Operation[] = [];
    run.onDeath(() => {
      const finished = dice.below(open.length + 1);
      for (const operation of open.slice(0, finished)) void operation.carryOut().catch(() => undefined);
      for (const operation of open) operation.done = true;
      open = [];
    });
    return (carryOut) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const operation: Operation = { carryOut, done: false };
      open.push(operation);
      busyUntilMs = Math.max(busyUntilMs, timeline.nowMs()) + dice.between(0.05, 1.5);
      const fails = failing > 0 && dice.chance(failing);
      const failsLate = fails && dice.chance(0.25);
      timeline.after(busyUntilMs - timeline.nowMs(), () => {
        if (operation.done || !run.alive) return;
        operation.done = true;
        open.shift();
        if (fails && !failsLate) return reject(refusal());
        operation.carryOut().then((value) => {
          if (!run.alive) return;
          if (failsLate) reject(refusal());
          else resolve(value);
        }, reject);
      });
      return promise;
    };
  }

  return {
    durable,
    bodies,
    store: (run) => {
      const store = throughDisk(planted, queueOf(run));
      return { ...store, tasks: { ...store.tasks, adopt: adoptOnce(store) } };
    },
    spool: (run) => {
      const queue = queueOf(run);
      return {
        write: async (name, body) => {
          const whole = wholeBody(body);
          const bytes = typeof whole === "string" ? new TextEncoder().encode(whole) : whole.slice();
          await queue(async () => void bodies.set(name, bytes));
        },
        read: async (name) => (await queue(async () => bodies.get(name))) as Uint8Array | undefined,
        remove: async (name) => void (await queue(async () => bodies.delete(name))),
      };
    },
    setFailing: (share) => {
      failing = share;
    },
    isFailing: () => failing > 0,
  };
}

function refusal(): ApiError {
  return apiError("miroir_store_unavailable", "The store does not answer: simulated failure.");
}

/** Like a store in a file: what is open when a run begins belongs to an earlier one, and what it has read it answers. */
function adoptOnce({ tasks }: Store): Store["tasks"]["adopt"] {
  let hasAdopted = false;
  return async () => {
    const unfinished = await tasks.unfinished();
    if (hasAdopted) return [];
    hasAdopted = true;
    return unfinished;
  };
}

/** These answer from memory in every store. */
const AT_ONCE: ReadonlySet<string> = new Set(["follow", "onChange", "close"]);

/** Beside its methods a port may have properties, such as whether routers share the store. */
type Port = Readonly<Record<string, unknown>>;
type Method = (...args: unknown[]) => unknown;

function throughDisk(store: Store, queue: (carryOut: () => Promise<unknown>) => Promise<unknown>): Store {
  const wrapped = Object.entries(store as unknown as Record<string, Port | Method>).map(([name, port]) => {
    if (typeof port === "function") return [name, port] as const;
    const methods = Object.entries(port).map(([method, carryOut]) => {
      if (AT_ONCE.has(method) || typeof carryOut !== "function") return [method, carryOut] as const;
      return [method, (...args: unknown[]) => queue(async () => (carryOut as Method)(...args))] as const;
    });
    return [name, Object.fromEntries(methods)] as const;
  });
  return Object.fromEntries(wrapped);
}
