/** What is to be done for a task at a later moment, at most one thing per task. Owns no timer: it only knows when. */
import type { Clock } from "../../platform/clock.ts";

export type DueKind = "settle" | "recover";

export interface DueWork {
  schedule(uid: number, kind: DueKind, inMs: number): void;
  /** Takes out what is due now. */
  take(): readonly { readonly uid: number; readonly kind: DueKind }[];
  /** Milliseconds until the next is due; Infinity when there is none. */
  nextInMs(): number;
}

export function createDueWork(clock: Pick<Clock, "monotonicMs">): DueWork {
  const due = new Map<number, { readonly atMs: number; readonly kind: DueKind }>();
  return {
    schedule: (uid, kind, inMs) => void due.set(uid, { atMs: clock.monotonicMs() + inMs, kind }),
    take: () => {
      const nowMs = clock.monotonicMs();
      const taken = [...due].filter(([, { atMs }]) => atMs <= nowMs);
      for (const [uid] of taken) due.delete(uid);
      return taken.map(([uid, { kind }]) => ({ uid, kind }));
    },
    nextInMs: () => {
      let earliest = Infinity;
      for (const { atMs } of due.values()) earliest = Math.min(earliest, atMs);
      return earliest - clock.monotonicMs();
    },
  };
}
