/**
 * Simulated time: one queue of events, run one after the other on one thread. After every event all promises settle
 * before the next begins, so a program that waits only for events of this queue has one history for one seed.
 */
import { drainMicrotasks } from "bun:jsc";

export interface Timeline {
  /** Milliseconds since the beginning of the simulation. */
  nowMs(): number;
  /** Runs `work` once, `delayMs` from now; the result takes it back. */
  after(delayMs: number, work: () => void): () => void;
  /** Runs what is due until `done` holds or time has reached `untilMs`; says whether `done` held. */
  run(untilMs: number, done?: () => boolean): boolean;
  /** Events that have run so far. */
  steps(): number;
  /** `work` runs after so many further events, between two of them. */
  afterSteps(count: number, work: () => void): void;
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  work: (() => void) | null;
}

/** More events than this are a loop that would never end. */
const STEPS_MAX = 400_000;

export function createTimeline(): Timeline {
  const heap: Event[] = [];
  let nowMs = 0;
  let order = 0;
  let steps = 0;
  let breaks: { readonly atStep: number; readonly work: () => void }[] = [];

  const breakDue = (): void => {
    if (breaks.length === 0) return;
    const due = breaks.filter(({ atStep }) => atStep <= steps);
    breaks = breaks.filter(({ atStep }) => atStep > steps);
    for (const { work } of due) {
      work();
      drainMicrotasks();
    }
  };

  return {
    nowMs: () => nowMs,
    after(delayMs, work) {
      order += 1;
      const event: Event = { atMs: nowMs + Math.max(0, delayMs), order, work };
      push(heap, event);
      return () => {
        event.work = null;
      };
    },
    run(untilMs, done) {
      drainMicrotasks();
      for (;;) {
        if (done?.() === true) return true;
        const next = heap[0];
        if (next === undefined || next.atMs > untilMs) {
          nowMs = Math.max(nowMs, untilMs);
          return false;
        }
        pop(heap);
        const { work } = next;
        if (work === null) continue;
        nowMs = next.atMs;
        steps += 1;
        if (steps > STEPS_MAX) throw new RangeError(`more than ${STEPS_MAX} events: something runs in circles`);
        work();
        drainMicrotasks();
        breakDue();
      }
    },
    steps: () => steps,
    afterSteps: (count, work) => void breaks.push({ atStep: steps + count, work }),
  };
}

function isBefore(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Event;
    if (!isBefore(event, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop() as Event;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1] as Event, heap[below] as Event)) below += 1;
    const child = heap[below] as Event;
    if (!isBefore(child, last)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
}
