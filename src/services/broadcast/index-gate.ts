/**
 * One at a time per index: the moments in which an index comes into being or goes away. Nothing else waits here; an
 * index that exists has the order of its lanes.
 */
export interface IndexGate {
  run<T>(indexUid: string, work: () => Promise<T>): Promise<T>;
}

export function createIndexGate(): IndexGate {
  const last = new Map<string, Promise<unknown>>();
  return {
    run: async (indexUid, work) => {
      const previous = last.get(indexUid) ?? Promise.resolve();
      const mine = previous.then(work, work);
      last.set(indexUid, mine);
      try {
        return await mine;
      } finally {
        if (last.get(indexUid) === mine) last.delete(indexUid);
      }
    },
  };
}
