/**
 * Indexes that change their names. What is written to such a name while some nodes have changed it and others have not
 * would end up in one index here and in another there. So a change begins when nothing else is under way on its names,
 * and everything else that writes to them waits until it is decided on every node.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { apiError } from "../../core/errors/api-error.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Turns } from "./turns.ts";

export interface Renames {
  /** The turns it was made of, for everything but the changes of names: waits while one of the scopes changes. */
  readonly turns: Turns;
  /**
   * Runs `work`, with the turn on the names, when nothing else is under way on them. What becomes a task goes on after
   * that, until `end`. Rejects with 503 when the names do not come to rest.
   */
  change<T>(names: readonly string[], work: (change: Renaming) => Promise<T>): Promise<T>;
  /** A task of an earlier run, or of another router, changes these names. */
  resume(taskUid: number, names: readonly string[]): void;
  /** The change is decided on every node, or has never begun. */
  end(taskUid: number): void;
  /** From this instant on it is noted whether this router begins to change the name. Has to be ended. */
  watch(name: string): WatchedName;
}

export interface WatchedName {
  /** False once a change of the name has begun, also one that came to nothing. */
  untouched(): boolean;
  end(): void;
}

export interface Renaming {
  as(taskUid: number): void;
}

export interface RenamesDeps {
  readonly turns: Turns;
  readonly clock: Pick<Clock, "monotonicMs" | "startTimer">;
  /** Nothing that was begun earlier has still to be decided under one of the names. */
  readonly quiet: (names: readonly string[]) => Promise<boolean>;
  /** The store may have kept a change of one of the names although it said that it has not. */
  readonly unsure: (names: readonly string[]) => boolean;
  /** What another router has ended is not told here. */
  readonly isOver: (taskUid: number) => Promise<boolean>;
  /** What is remembered by the name may be another index now. */
  readonly changed: (name: string) => void;
}

export function createRenames(deps: RenamesDeps): Renames {
  const { turns, clock } = deps;
  const changes = new Map<string, Set<Change>>();
  const byTask = new Map<number, Change>();
  const users = new Map<string, number>();
  const wakes = new Set<() => void>();
  const watching = new Set<{ readonly name: string; isTouched: boolean }>();
  const inside = new AsyncLocalStorage<Within>();

  const wake = (): void => {
    for (const resolve of wakes) resolve();
  };
  const of = (names: readonly string[], but?: Change): readonly Change[] =>
    names.flatMap((name) => [...(changes.get(name) ?? [])]).filter((change) => change !== but);

  const mark = (change: Change): void => {
    for (const name of change.names) changes.set(name, (changes.get(name) ?? new Set()).add(change));
    for (const watched of watching) watched.isTouched ||= change.names.includes(watched.name);
  };
  const release = (change: Change): void => {
    for (const name of change.names) {
      const left = changes.get(name);
      left?.delete(change);
      if (left?.size === 0) changes.delete(name);
      deps.changed(name);
    }
    if (change.taskUid !== null) byTask.delete(change.taskUid);
    wake();
  };

  const pause = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.startTimer(LOOK_AGAIN_MS, resolve);
    wakes.add(resolve);
    return promise.finally(() => {
      timer.cancel();
      wakes.delete(resolve);
    });
  };
  const waitOrRefuse = async (names: readonly string[], untilMs: number): Promise<void> => {
    if (clock.monotonicMs() >= untilMs) throw stillChanging(names);
    await pause();
  };

  /** Waits until nobody else changes the names. */
  const still = async (names: readonly string[], untilMs: number): Promise<void> => {
    for (let open = of(names); open.length > 0; open = of(names)) {
      for (const change of open) {
        const isOver =
          change.taskUid === null ? change.isUnsure && !deps.unsure(change.names) : await deps.isOver(change.taskUid);
        if (isOver) release(change);
      }
      if (of(names).length > 0) await waitOrRefuse(names, untilMs);
    }
  };

  const within = async <T>(names: readonly string[], work: () => Promise<T>): Promise<T> => {
    const outer = inside.getStore();
    const inner: Within = { isOpen: true, names: outer?.isOpen === true ? [...outer.names, ...names] : names };
    try {
      return await inside.run(inner, work);
    } finally {
      inner.isOpen = false;
    }
  };
  const enter = (names: readonly string[], direction: 1 | -1): void => {
    for (const name of names) {
      const count = (users.get(name) ?? 0) + direction;
      if (count === 0) users.delete(name);
      else users.set(name, count);
    }
    if (direction === -1 && changes.size > 0) wake();
  };

  const runStill = <T>(scopes: readonly string[], work: () => Promise<T>): Promise<T> => {
    const outer = inside.getStore();
    const names = outer?.isOpen === true ? scopes.filter((scope) => !outer.names.includes(scope)) : scopes;
    return names.length === 0 ? turns.run(scopes, work) : runOuter(names, scopes, work);
  };
  const runOuter = async <T>(
    names: readonly string[],
    scopes: readonly string[],
    work: () => Promise<T>,
  ): Promise<T> => {
    const untilMs = clock.monotonicMs() + PATIENCE_MS;
    for (;;) {
      if (changes.size > 0) await still(names, untilMs);
      enter(names, 1);
      try {
        // With the turn comes the knowledge of what other routers have begun.
        const ended = await turns.run(scopes, async () =>
          changes.size > 0 && of(names).length > 0 ? AGAIN : { result: await within(names, work) },
        );
        if (ended !== AGAIN) return ended.result;
      } finally {
        enter(names, -1);
      }
    }
  };

  return {
    turns: { ...turns, run: runStill },

    async change(names, work) {
      const untilMs = clock.monotonicMs() + PATIENCE_MS;
      for (;;) {
        await still(names, untilMs);
        const change: Change = { names: [...new Set(names)], taskUid: null, isUnsure: false };
        mark(change);
        try {
          while (change.names.some((name) => users.has(name))) await waitOrRefuse(names, untilMs);
          for (;;) {
            const ended = await turns.run(names, async () => {
              if (of(names, change).length > 0) return OTHERS;
              if (!(await deps.quiet(change.names))) return AGAIN;
              const as = (taskUid: number): void => {
                change.taskUid = taskUid;
                byTask.set(taskUid, change);
              };
              return { result: await within(names, () => work({ as })) };
            });
            if (ended === OTHERS) break;
            if (ended !== AGAIN) return ended.result;
            await waitOrRefuse(names, untilMs);
          }
        } finally {
          // Began after all, it would be taken up at the next start, and taken back: nothing else may come before that.
          change.isUnsure = deps.unsure(change.names);
          if (change.taskUid === null && !change.isUnsure) release(change);
        }
      }
    },

    resume(taskUid, names) {
      if (byTask.has(taskUid)) return;
      const change: Change = { names, taskUid, isUnsure: false };
      byTask.set(taskUid, change);
      mark(change);
    },

    end(taskUid) {
      const change = byTask.get(taskUid);
      if (change !== undefined) release(change);
    },

    watch(name) {
      const watched = { name, isTouched: false };
      watching.add(watched);
      return { untouched: () => !watched.isTouched, end: () => void watching.delete(watched) };
    },
  };
}

interface Change {
  readonly names: readonly string[];
  /** null until it has become one. */
  taskUid: number | null;
  /** It has become none, as far as the store says. */
  isUnsure: boolean;
}

/** What runs inside of other work on the same names does not wait for what waits for that work. */
interface Within {
  isOpen: boolean;
  readonly names: readonly string[];
}

const AGAIN = Symbol("again");
const OTHERS = Symbol("others");

function stillChanging(names: readonly string[]): Error {
  const told = names.map((name) => `\`${name}\``).join(", ");
  return apiError("miroir_overloaded", `Index ${told} is changing its name. Send the request again later.`);
}

/** Longer than a change of names takes on nodes that answer. */
const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 100;
