/** Ends a request after its `timeoutMs`, queueing included, and tells a timeout from a caller who went away. */
import type { Clock } from "../platform/clock.ts";
import { unavailable } from "./classify.ts";
import type { NodeClient } from "./node-client.ts";

export function withDeadline(inner: NodeClient, clock: Clock): NodeClient {
  return {
    nodeId: inner.nodeId,
    address: inner.address,
    async send(request, signal) {
      if (signal?.aborted) return unavailable(inner.nodeId, "aborted", false, "the caller had already given up");
      const controller = new AbortController();
      let timedOut = false;
      const timer = clock.startTimer(request.timeoutMs, () => {
        timedOut = true;
        controller.abort();
      });
      const onAbort = (): void => controller.abort();
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        const outcome = await inner.send(request, controller.signal);
        if (!timedOut || outcome.kind !== "unavailable" || outcome.reason !== "aborted") return outcome;
        const message = `node ${inner.nodeId} did not answer within ${request.timeoutMs} ms`;
        return unavailable(inner.nodeId, "timeout", outcome.ambiguous, message);
      } finally {
        timer.cancel();
        signal?.removeEventListener("abort", onAbort);
      }
    },
  };
}
