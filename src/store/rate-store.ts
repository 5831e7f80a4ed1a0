/** Counts what addresses do, for limits that all routers share. Counts end by themselves and are worth no disk. */
export type RateScope = "searchui" | "adminlogin";

export interface RateCount {
  /** In this window, this one included. */
  readonly count: number;
  /** Milliseconds until the window ends. */
  readonly endsInMs: number;
}

export interface RateStore {
  /** Counts one more; a window begins with the first. */
  hit(scope: RateScope, address: string, windowMs: number): Promise<RateCount>;
  /** Milliseconds that logins from an address are still refused; 0: they are not. */
  backoffMs(address: string): Promise<number>;
  /** Refuses logins from an address for so long; 0 lifts it. */
  setBackoff(address: string, durationMs: number): Promise<void>;
}

/** For a store of one router: in memory, bounded; past the bound the window that began first is forgotten. */
export function localRates(nowMs: () => number): RateStore {
  const windows = new Map<string, { count: number; readonly endsAt: number }>();
  const backoffs = new Map<string, number>();
  return {
    hit: async (scope, address, windowMs) => {
      const key = `${scope} ${address}`;
      let window = windows.get(key);
      if (window === undefined || window.endsAt <= nowMs()) {
        windows.delete(key);
        window = { count: 0, endsAt: nowMs() + windowMs };
        windows.set(key, window);
      }
      window.count += 1;
      forgetFirst(windows);
      return { count: window.count, endsInMs: window.endsAt - nowMs() };
    },
    backoffMs: async (address) => Math.max(0, (backoffs.get(address) ?? 0) - nowMs()),
    setBackoff: async (address, durationMs) => {
      backoffs.delete(address);
      if (durationMs > 0) backoffs.set(address, nowMs() + durationMs);
      forgetFirst(backoffs);
    },
  };
}

function forgetFirst(map: Map<string, unknown>): void {
  if (map.size <= ADDRESSES_MAX) return;
  const [first] = map.keys();
  if (first !== undefined) map.delete(first);
}

const ADDRESSES_MAX = 100_000;
