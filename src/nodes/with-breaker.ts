/**
 * Stops sending to a node that failed several times in a row: requests fail at once as `breaker_open`, and one trial
 * request is let through after a pause that doubles with every failed trial. A node that says no (4xx) is alive. A request
 * that insists is always sent, since no other node could answer it.
 */
import type { Clock } from "../platform/clock.ts";
import type { Emit } from "../telemetry/event.ts";
import { nodeBreakerOpened } from "../telemetry/events/nodes.ts";
import { unavailable } from "./classify.ts";
import type { NodeClient } from "./node-client.ts";
import type { NodeOutcome, UnavailableReason } from "./node-outcome.ts";

export interface BreakerOptions {
  readonly failuresToOpen: number;
  readonly pauseMinMs: number;
  readonly pauseMaxMs: number;
}

/** Reasons that say something about the node; our own limit or a caller who left do not. */
const NODE_FAULTS: ReadonlySet<UnavailableReason> = new Set(["connection", "timeout"]);

export function withBreaker(inner: NodeClient, options: BreakerOptions, clock: Clock, emit: Emit): NodeClient {
  const { nodeId } = inner;
  let failures = 0;
  let pauseMs = options.pauseMinMs;
  /** Monotonic time before which nothing is sent; 0 while closed. */
  let openUntil = 0;
  let trialRunning = false;

  const record = (outcome: NodeOutcome, wasTrial: boolean): void => {
    if (wasTrial) trialRunning = false;
    if (outcome.kind !== "unavailable" || !NODE_FAULTS.has(outcome.reason)) {
      if (outcome.kind === "unavailable" && outcome.reason === "aborted") return;
      failures = 0;
      openUntil = 0;
      pauseMs = options.pauseMinMs;
      return;
    }
    failures += 1;
    if (failures < options.failuresToOpen || (openUntil > 0 && !wasTrial)) return;
    if (wasTrial) pauseMs = Math.min(pauseMs * 2, options.pauseMaxMs);
    openUntil = clock.monotonicMs() + pauseMs;
    emit(nodeBreakerOpened, { nodeId, failures, pauseMs });
  };

  return {
    nodeId,
    address: inner.address,
    async send(request, signal) {
      const isOpen = openUntil > 0;
      const waits = isOpen && (trialRunning || clock.monotonicMs() < openUntil);
      if (waits && request.insists !== true) {
        return unavailable(nodeId, "breaker_open", false, `node ${nodeId} failed ${failures} times in a row`);
      }
      const isTrial = isOpen && !waits;
      if (isTrial) trialRunning = true;
      const outcome = await inner.send(request, signal);
      record(outcome, isTrial);
      return outcome;
    },
  };
}
