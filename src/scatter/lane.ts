/**
 * Lanes: the ordered streams of writes. There is one lane per node and index; a lane sends its next request only when
 * the previous one is enqueued on the node or is known to have failed. Because one write enters all of its lanes in
 * the same instant, every replica enqueues the writes of an index in the order in which the router accepted them.
 */
import { apiError, type ErrorBody } from "../core/errors/api-error.ts";
import type { NodeRequest } from "../nodes/node-client.ts";

export interface LaneEntry {
  readonly nodeId: string;
  readonly request: NodeRequest;
  /**
   * Set when the request carries this id in the engine's `customMetadata`: an ambiguous failure is then settled by
   * looking for a task with it on the node before anything is sent again.
   */
  readonly operationId?: string;
  /**
   * Asked right before every sending. False: another router may have written since this one decided to, so the entry is
   * refused with `miroir_taken_over` and not sent, and whoever wrote it must not keep it for later either.
   */
  readonly mayGo?: () => boolean;
  /** Documents that it writes or deletes; absent: it may concern every document. For whoever watches the lanes. */
  readonly keys?: readonly string[];
  /**
   * Called in the moment in which the entry is known to be missed, before the lane looks at the next one: whoever keeps
   * the write for later can close the node to the writes that follow.
   */
  readonly onMissed?: () => void;
}

export type EnqueueOutcome =
  | { readonly kind: "enqueued"; readonly nodeId: string; readonly taskUid: number; readonly enqueuedAt: string }
  /** The node said no (4xx), or the router itself did in the node's place (`overtaken`). */
  | { readonly kind: "refused"; readonly nodeId: string; readonly status: number; readonly error: ErrorBody }
  /** The node does not have it and will not: unreachable, or proven absent after an ambiguous failure. */
  | {
      readonly kind: "missed";
      readonly nodeId: string;
      readonly message: string;
      /** Nothing of it has left the router: nobody has to look whether the node has it after all. */
      readonly unsent?: true;
    };

export function overtaken(nodeId: string): EnqueueOutcome {
  const message =
    "This router was cut off from its store while it wrote, so another one may have written to the same index. Send the request again.";
  const { status, body } = apiError("miroir_taken_over", message);
  return { kind: "refused", nodeId, status, error: body };
}

export function isOvertaken(outcome: EnqueueOutcome): boolean {
  return outcome.kind === "refused" && outcome.error.code === "miroir_taken_over";
}

export interface Lanes {
  /**
   * Puts all entries into their lanes at once, in one synchronous step, and resolves to their outcomes in the order
   * of `entries`. Never rejects. Throws `ApiError` 503 synchronously, with nothing submitted, if one lane is full.
   */
  submit(indexUid: string, entries: readonly LaneEntry[]): Promise<readonly EnqueueOutcome[]>;
  /** True while the node gets no new writes, since it has to get earlier ones first. */
  blocked(nodeId: string): boolean;
  /** Resolves when everything that is in the lanes of these nodes now has left them. */
  passed(nodeIds: readonly string[]): Promise<void>;
  /** Requests waiting or running per node, for `miroir_lane_depth`. */
  depth(nodeId: string): number;
  /** Resolves when everything that has been submitted so far has its outcome. */
  settled(): Promise<void>;
  /** Resolves when every lane is empty or `deadlineMs` has passed; used while draining. */
  idle(deadlineMs: number): Promise<void>;
}
