/** A background loop: what it is called, how often it runs, and one run of it. Who runs it owns its timer. */
import type { Fence } from "../store/lease-store.ts";

export interface Coordinator {
  /** For logs; one word or two with a hyphen. */
  readonly name: string;
  /** From the end of one run to the beginning of the next, unless `tick` says otherwise. */
  readonly intervalMs: number;
  /** Of several routers one runs it: the one that holds the lease of this scope, whose fence each run is given. */
  readonly lease?: string;
  /**
   * One run; at most one at a time. May return after how many milliseconds it wants to be run again. The signal fires
   * when the router stops or its lease is lost; a run should then end at once. A run that throws is logged and repeated
   * after a pause.
   */
  tick(signal: AbortSignal, fence?: Fence): Promise<number | void>;
  /** Called once at start with a function that brings the next run forward, to at most `delayMs` from now. */
  onStart?(hurry: (delayMs: number) => void): void;
  /** Called once after the last run. */
  onStop?(): Promise<void>;
}
