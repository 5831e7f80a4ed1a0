/** `RouterStore` in a map. */
import type { Router, RouterStore } from "../router-store.ts";

interface Entry {
  readonly router: Router;
  readonly number: number;
  readonly endsAt: number;
}

export function memoryRouterStore(nowMs: () => number): RouterStore {
  const entries = new Map<string, Entry>();
  const living = (): readonly Entry[] => [...entries.values()].filter(({ endsAt }) => endsAt > nowMs());
  const put = (router: Router, ttlMs: number): number => {
    const others = living().filter((one) => one.router.name !== router.name);
    const used = new Set(others.map((one) => one.number));
    let number = 0;
    while (used.has(number) && number < NUMBER_MAX) number += 1;
    entries.set(router.name, { router, number, endsAt: nowMs() + ttlMs });
    return number;
  };
  return {
    join: async (router, ttlMs) => put(router, ttlMs),
    beat: async (router, ttlMs) => {
      const now = living().find((one) => one.router.name === router.name);
      if (now !== undefined && now.router.run !== router.run) return undefined;
      return { number: put(router, ttlMs), wasGone: now === undefined };
    },
    living: async () =>
      living()
        .map(({ router }) => router)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    leave: async ({ name, run }) => {
      if (entries.get(name)?.router.run === run) entries.delete(name);
    },
  };
}

const NUMBER_MAX = 255;
