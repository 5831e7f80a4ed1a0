/**
 * Keeps what this router has in memory as new as the store, and lets it wait until all others have taken in what it has
 * changed: only then may a client rely on it whichever router it asks.
 */
import type { Clock } from "../../platform/clock.ts";
import type { ChangeFeed, StoreVersions, Versioned } from "../../store/change-feed.ts";
import type { Emit } from "../../telemetry/event.ts";
import { changesNotTaken, routersBehind } from "../../telemetry/events/routers.ts";

export interface ChangeWatchDeps {
  readonly feed: ChangeFeed;
  readonly run: string;
  readonly clock: Pick<Clock, "sleep" | "monotonicMs">;
  readonly emit: Emit;
  /** A router that has not followed after this is not waited for any longer: the others count it as gone by then. */
  readonly patienceMs: number;
}

export interface ChangeWatch {
  /** What to do when another router has changed it; ends when this router works with the change. */
  on(name: Versioned, refresh: () => Promise<void>): void;
  /** Resolves when everything that had been changed before the call is known here. */
  catchUp(): Promise<void>;
  /** Resolves when everything of that name that had been changed before the call is known to all living routers. */
  spread(name: Versioned): Promise<void>;
  /** The same for what the store does not keep itself. */
  tell(name: Versioned): Promise<void>;
  /** Begins to listen. */
  start(): void;
}

export function createChangeWatch(deps: ChangeWatchDeps): ChangeWatch {
  const { feed, run, clock, emit } = deps;
  const refreshers: [Versioned, () => Promise<void>][] = [];
  let seen: Record<Versioned, number> = { catalog: -1, hints: -1, keys: -1, topology: -1 };
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  const take = async (): Promise<void> => {
    const versions: StoreVersions = await feed.versions();
    const changed = refreshers.filter(([name]) => versions[name] !== seen[name]);
    for (const [name, refresh] of changed) {
      await refresh();
      seen = { ...seen, [name]: versions[name] };
    }
    if (changed.length > 0) await feed.observe(run, { ...versions, ...seen });
  };

  /** One at a time; whoever asks meanwhile is served by the one after it, since the present one may have read too early. */
  const catchUp = async (): Promise<void> => {
    if (!feed.shared) return;
    if (running === null) {
      running = take().finally(() => (running = null));
      return running;
    }
    const before = running;
    next ??= before
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        next = null;
        return catchUp();
      });
    return next;
  };

  const spread = async (name: Versioned): Promise<void> => {
    if (!feed.shared) return;
    const version = (await feed.versions())[name];
    const untilMs = clock.monotonicMs() + deps.patienceMs;
    for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
      const behind = await feed.behind(run, name, version);
      if (behind.length === 0) return;
      if (clock.monotonicMs() >= untilMs) return emit(routersBehind, { what: name, routers: behind });
      await clock.sleep(pauseMs);
    }
  };

  return {
    on: (name, refresh) => void refreshers.push([name, refresh]),
    catchUp,
    spread,
    tell: async (name) => {
      await feed.raise(name);
      await spread(name);
    },
    start: () =>
      feed.onChange(() => {
        catchUp().catch((cause: unknown) => {
          emit(changesNotTaken, { detail: cause instanceof Error ? cause.message : String(cause) });
        });
      }),
  };
}

const PAUSE_FIRST_MS = 2;
const PAUSE_MAX_MS = 50;
