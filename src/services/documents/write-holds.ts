/**
 * Keeps the writes of an index waiting for a moment, so that the nodes come to rest on it and copies can be compared that
 * otherwise change faster than they are read. They wait before they have a task or a place in a lane: nothing of them has
 * to be taken back, and they go on in the order in which they came.
 */
import type { Clock } from "../../platform/clock.ts";

export interface WriteHolds {
  /** Resolves when writes of the index may go on. `left` has to be called once the lanes have been entered, or never will be. */
  enter(indexUid: string): Promise<{ readonly left: () => void }>;
  /**
   * From now on new writes of the index wait, for `maxMs` at most. Resolves when those that were let through before have
   * entered the lanes.
   */
  hold(indexUid: string, maxMs: number): Promise<Hold>;
}

export interface Hold {
  /** False once writes go on again. */
  holds(): boolean;
  release(): void;
}

export function createWriteHolds(clock: Pick<Clock, "startTimer">): WriteHolds {
  const doors = new Map<string, Door>();
  const of = (indexUid: string): Door => {
    const known = doors.get(indexUid);
    if (known !== undefined) return known;
    const fresh: Door = { closed: new Set(), inside: new Set() };
    doors.set(indexUid, fresh);
    return fresh;
  };
  const forget = (indexUid: string, { closed, inside }: Door): void => {
    if (closed.size === 0 && inside.size === 0) doors.delete(indexUid);
  };

  return {
    async enter(indexUid) {
      for (let closed = doors.get(indexUid)?.closed; closed !== undefined && closed.size > 0;) {
        await Promise.all(closed);
        closed = doors.get(indexUid)?.closed;
      }
      const door = of(indexUid);
      const { promise, resolve } = Promise.withResolvers<void>();
      door.inside.add(promise);
      const left = (): void => {
        door.inside.delete(promise);
        forget(indexUid, door);
        resolve();
      };
      return { left };
    },

    async hold(indexUid, maxMs) {
      const door = of(indexUid);
      const { promise, resolve } = Promise.withResolvers<void>();
      door.closed.add(promise);
      const release = (): void => {
        timer.cancel();
        door.closed.delete(promise);
        forget(indexUid, door);
        resolve();
      };
      const timer = clock.startTimer(maxMs, release);
      await Promise.race([promise, Promise.all(door.inside)]);
      return { holds: () => door.closed.has(promise), release };
    },
  };
}

interface Door {
  readonly closed: Set<Promise<void>>;
  /** Writes that were let through and have not entered the lanes. */
  readonly inside: Set<Promise<void>>;
}
