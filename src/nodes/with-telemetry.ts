/** Tells how every request to a node ended: to the metrics, and to `observe`, which judges the node's health by it. */
import type { Clock } from "../platform/clock.ts";
import type { Emit } from "../telemetry/event.ts";
import { nodeAnswered, nodeUnavailable } from "../telemetry/events/nodes.ts";
import type { NodeClient } from "./node-client.ts";
import type { NodeOutcome } from "./node-outcome.ts";

export function withTelemetry(
  inner: NodeClient,
  clock: Clock,
  emit: Emit,
  observe: (outcome: NodeOutcome) => void,
): NodeClient {
  const { nodeId } = inner;
  return {
    nodeId,
    address: inner.address,
    async send(request, signal) {
      const startedAt = clock.monotonicMs();
      const outcome = await inner.send(request, signal);
      const seconds = (clock.monotonicMs() - startedAt) / 1000;
      if (outcome.kind === "unavailable") {
        const { reason, message } = outcome;
        emit(nodeUnavailable, { nodeId, operation: request.operation, seconds, reason, detail: message });
      } else {
        emit(nodeAnswered, { nodeId, operation: request.operation, seconds });
      }
      observe(outcome);
      return outcome;
    },
  };
}
