/**
 * Whose turn it is to write to an index. Every node must get the writes of an index in one order, and only one router at
 * a time can keep that order: it holds the turn while it has writes on their way, keeps it while nobody else wants it
 * (so that a router that is alone with an index pays nothing), and gives it up between two batches when another does.
 * A turn ends with the life of its router; work that outlived it is told so, since another may have written meanwhile.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { apiError } from "../../core/errors/api-error.ts";
import type { Clock } from "../../platform/clock.ts";
import type { TurnStore } from "../../store/turn-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { turnRefused } from "../../telemetry/events/routers.ts";
import type { Membership } from "./membership.ts";

export interface Turns {
  /**
   * Runs `work` while this router has the turn on every scope; work of its own on the same scope is not kept apart, and
   * work within work shares its turn. Rejects with 503 when a turn does not come or did not last.
   */
  run<T>(scopes: readonly string[], work: () => Promise<T>): Promise<T>;
  /** Whether the caller runs inside of work that has the turn on a scope. */
  has(scope: string): boolean;
  /**
   * For work that has the turn on a scope: tells at any later moment whether it has had the turn without interruption.
   * Asked right before something leaves this router, since a process that stood still does not notice by itself.
   */
  holding(scope: string): () => boolean;
  /** Gives back what is not in use. */
  close(): Promise<void>;
}

/** A router that shares its store with nobody. */
export const ownTurns: Turns = {
  run: (_, work) => work(),
  has: () => true,
  holding: () => () => true,
  close: async () => {},
};

export interface TurnsDeps {
  readonly store: TurnStore;
  readonly membership: Pick<Membership, "alive" | "term" | "run">;
  /** Called each time a turn comes, before any work: another router may have changed what belongs to the scope. */
  readonly gained: (scope: string) => Promise<void>;
  /** The clock that writes are ordered by: whoever has the turn next is not behind whoever had it. */
  readonly order: { next(): bigint; witness(seen: bigint): void };
  readonly clock: Pick<Clock, "sleep" | "monotonicMs">;
  readonly emit: Emit;
  /** How long a write waits for its turn. */
  readonly patienceMs: number;
}

export function createTurns(deps: TurnsDeps): Turns {
  const { store, membership, clock } = deps;
  const turns = new Map<string, Turn>();
  const within = new AsyncLocalStorage<Within>();
  const wantedEarly = new Set<string>();
  const waiting = new Map<string, () => void>();

  const isValid = (turn: Turn): boolean => membership.alive() && turn.term === membership.term();

  // What cannot be given back now is given when it is wanted again, or ends with this router.
  const giveBack = (scopes: readonly string[]): Promise<void> =>
    store.give(scopes, membership.run, deps.order.next()).catch(() => undefined);

  const give = async (scope: string, turn: Turn): Promise<void> => {
    if (turns.get(scope) !== turn) return;
    turns.delete(scope);
    await giveBack([scope]);
  };

  const take = async (scope: string): Promise<Turn> => {
    const untilMs = clock.monotonicMs() + deps.patienceMs;
    for (;;) {
      const term = membership.term();
      const taken = membership.alive() ? await store.take(scope, membership.run) : undefined;
      if (taken !== undefined) {
        deps.order.witness(taken.clock);
        await deps.gained(scope);
        return { term, users: 0, wanted: wantedEarly.delete(scope), idle: null };
      }
      if (clock.monotonicMs() >= untilMs) {
        deps.emit(turnRefused, { scope, waitedMs: deps.patienceMs });
        throw apiError("miroir_overloaded", `Other routers are writing to \`${scope}\`. Send the request again later.`);
      }
      const freed = new AbortController();
      waiting.set(scope, () => freed.abort());
      await clock.sleep(RETRY_MS, freed.signal).catch(() => undefined);
      waiting.delete(scope);
    }
  };

  const coming = new Map<string, Promise<Turn>>();
  const keepTaken = async (scope: string): Promise<Turn> => {
    try {
      const turn = await take(scope);
      turns.set(scope, turn);
      return turn;
    } finally {
      coming.delete(scope);
    }
  };
  const enter = async (scope: string): Promise<Turn> => {
    for (;;) {
      const held = turns.get(scope);
      if (held !== undefined && isValid(held) && !held.wanted) {
        held.users += 1;
        return held;
      }
      if (held !== undefined && isValid(held)) {
        // Another router waits: what comes now has to wait behind it.
        held.idle ??= Promise.withResolvers<void>();
        await held.idle.promise;
        continue;
      }
      if (held !== undefined) turns.delete(scope);
      let taking = coming.get(scope);
      if (taking === undefined) {
        taking = keepTaken(scope);
        coming.set(scope, taking);
      }
      // Everybody who waited for the turn uses it once, even if it is wanted again by then.
      const turn = await taking;
      if (!isValid(turn) || turns.get(scope) !== turn) continue;
      turn.users += 1;
      return turn;
    }
  };

  const leave = async (scope: string, turn: Turn): Promise<void> => {
    turn.users -= 1;
    if (turn.users > 0 || !turn.wanted) return;
    await give(scope, turn);
    turn.idle?.resolve();
  };

  store.listen(membership.run, (what, scope) => {
    if (what === "free") return waiting.get(scope)?.();
    const turn = turns.get(scope);
    // A turn that is not known here any more was not given back properly.
    if (turn === undefined) {
      if (coming.has(scope)) wantedEarly.add(scope);
      else void giveBack([scope]);
      return;
    }
    turn.wanted = true;
    if (turn.users === 0) void give(scope, turn).then(() => turn.idle?.resolve());
  });

  return {
    async run(scopes, work) {
      const outer = within.getStore();
      const entered: [string, Turn][] = [];
      const inner: Within = { isOpen: true, turns: new Map(outer?.isOpen === true ? outer.turns : []) };
      try {
        // In one order, so that two routers never wait for each other.
        for (const scope of [...new Set(scopes)].toSorted()) {
          const shared = inner.turns.get(scope);
          const turn = shared === undefined ? await enter(scope) : shared;
          if (shared !== undefined) shared.users += 1;
          entered.push([scope, turn]);
          inner.turns.set(scope, turn);
        }
        const result = await within.run(inner, work);
        if (entered.some(([, turn]) => !isValid(turn))) throw outlived();
        return result;
      } finally {
        inner.isOpen = false;
        for (const [scope, turn] of entered) await leave(scope, turn);
      }
    },
    has: (scope) => {
      const outer = within.getStore();
      return outer?.isOpen === true && outer.turns.has(scope);
    },
    holding(scope) {
      const turn = within.getStore()?.turns.get(scope);
      return () => turn !== undefined && turns.get(scope) === turn && isValid(turn);
    },
    async close() {
      const idle = [...turns].filter(([, turn]) => turn.users === 0).map(([scope]) => scope);
      for (const scope of idle) turns.delete(scope);
      await giveBack(idle);
    },
  };
}

/** What runs inside of other work: it uses the same turns for as long as that work has not ended. */
interface Within {
  isOpen: boolean;
  readonly turns: Map<string, Turn>;
}

interface Turn {
  readonly term: number;
  users: number;
  /** Another router waits for it. */
  wanted: boolean;
  /** Resolves when it has been given back; for whoever comes while it is wanted. */
  idle: PromiseWithResolvers<void> | null;
}

function outlived(): Error {
  return apiError(
    "miroir_taken_over",
    "This router was cut off from its store while it wrote, so another one may have written to the same index. Send the request again.",
  );
}

const RETRY_MS = 100;
