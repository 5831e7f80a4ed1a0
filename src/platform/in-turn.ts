/** Work on the same key runs one after another, in the order in which it was given in; other keys do not wait. */
export interface InTurn<Key> {
  /** Settles as `work` does. A failure is the caller's and does not hold up what comes next. */
  run<T>(key: Key, work: () => Promise<T>): Promise<T>;
  /** Resolves when everything given in so far has settled. */
  idle(): Promise<void>;
}

export function createInTurn<Key>(): InTurn<Key> {
  const last = new Map<Key, Promise<unknown>>();
  return {
    run: (key, work) => {
      const before = last.get(key);
      const current = before === undefined ? work() : before.then(work, work);
      last.set(key, current);
      const forget = (): void => {
        if (last.get(key) === current) last.delete(key);
      };
      current.then(forget, forget);
      return current;
    },
    idle: async () => {
      await Promise.allSettled(last.values());
    },
  };
}
