/**
 * This router among those that share its store. Its heartbeats tell the others that it lives; whatever it owns (tasks,
 * turns on an index) is its own only while they do. It stops counting on that before the others may stop believing it.
 */
import { ownerOf } from "../../core/routing/owner-of.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Router, RouterStore } from "../../store/router-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { routersSeen, routerSuperseded, routerWasGone } from "../../telemetry/events/routers.ts";

export interface MembershipDeps {
  readonly store: RouterStore;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly emit: Emit;
  readonly name: string;
  readonly run: string;
  readonly version: string;
  /** The topology epoch that this router works under. */
  readonly epoch: () => number;
  /** How long the others believe in it after a heartbeat. */
  readonly ttlMs: number;
  /** A later run has taken this router's name: it has to stop. */
  readonly superseded: () => void;
}

export interface Membership {
  readonly name: string;
  readonly run: string;
  readonly ttlMs: number;
  join(): Promise<void>;
  /** One heartbeat, and a look at who else lives. */
  beat(): Promise<void>;
  leave(): Promise<void>;
  /** False from the moment in which others may count this router as gone, until its next heartbeat has arrived. */
  alive(): boolean;
  /**
   * Rises when the store had counted this router as gone: what it held before is lost. What was begun and ended in one
   * term, with this router alive at the end, was never anybody else's.
   */
  term(): number;
  /** 0 to 255; no other living router has it. Marks what this router gives out. */
  number(): number;
  /** Everybody who lived at the last heartbeat, this router included, sorted by name. */
  living(): readonly Router[];
  /** Divides work: exactly one of the living owns a key, and a router that comes or goes moves only its own share. */
  owns(key: string): boolean;
  /** Called after the set of the living has changed. */
  onChange(listener: () => void): void;
}

export function createMembership(deps: MembershipDeps): Membership {
  const { store, clock, emit, name, run, ttlMs } = deps;
  const startedAt = clock.nowMs();
  const listeners: (() => void)[] = [];
  let number = 0;
  let term = 0;
  let living: readonly Router[] = [];
  let believedUntilMs = -Infinity;

  const self = (): Router => ({ name, run, version: deps.version, epoch: deps.epoch(), startedAt });

  const believed = (fromMs: number): void => {
    // Measured before the store heard of it, and shortened: clocks do not run alike.
    believedUntilMs = fromMs + ttlMs * (1 - CLOCKS_DIFFER);
  };

  const look = async (): Promise<void> => {
    const before = living.map((one) => one.run).join("\n");
    living = await store.living();
    emit(routersSeen, { routers: living.length });
    if (living.map((one) => one.run).join("\n") !== before) for (const listener of listeners) listener();
  };

  const alive = (): boolean => clock.monotonicMs() < believedUntilMs;

  return {
    name,
    run,
    ttlMs,
    async join() {
      const fromMs = clock.monotonicMs();
      number = await store.join(self(), ttlMs);
      believed(fromMs);
      await look();
    },
    async beat() {
      const fromMs = clock.monotonicMs();
      const given = await store.beat(self(), ttlMs);
      if (given === undefined) {
        believedUntilMs = -Infinity;
        emit(routerSuperseded, { name });
        deps.superseded();
        return;
      }
      if (given.wasGone) {
        term += 1;
        emit(routerWasGone, { name });
      }
      number = given.number;
      believed(fromMs);
      await look();
    },
    async leave() {
      believedUntilMs = -Infinity;
      await store.leave(self());
    },
    alive,
    term: () => term,
    number: () => number,
    living: () => living,
    owns: (key) =>
      ownerOf(
        key,
        living.map((one) => one.name),
      ) === name,
    onChange: (listener) => void listeners.push(listener),
  };
}

const CLOCKS_DIFFER = 0.05;
