/**
 * Bounds what one node can hold of the router: so many requests in flight, so many waiting in arrival order. Beyond
 * that a request fails at once as `overloaded`, so that a slow node costs neither memory nor the other nodes' time.
 */
import { unavailable } from "./classify.ts";
import type { NodeClient } from "./node-client.ts";

export interface NodeLimit {
  readonly inFlightMax: number;
  readonly waitingMax: number;
}

export function withLimit(inner: NodeClient, limit: NodeLimit): NodeClient {
  let inFlight = 0;
  const waiting = new Set<(admitted: boolean) => void>();

  const admit = (signal: AbortSignal | undefined): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const onAbort = (): void => enter(false);
    const enter = (admitted: boolean): void => {
      waiting.delete(enter);
      signal?.removeEventListener("abort", onAbort);
      resolve(admitted);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    waiting.add(enter);
    return promise;
  };

  return {
    nodeId: inner.nodeId,
    address: inner.address,
    async send(request, signal) {
      if (inFlight >= limit.inFlightMax) {
        if (waiting.size >= limit.waitingMax) {
          const message = `node ${inner.nodeId} already has ${inFlight} requests running and ${waiting.size} waiting`;
          return unavailable(inner.nodeId, "overloaded", false, message);
        }
        if (!(await admit(signal))) {
          return unavailable(
            inner.nodeId,
            "aborted",
            false,
            `the request was given up while it waited for node ${inner.nodeId}`,
          );
        }
      } else {
        inFlight += 1;
      }
      try {
        return await inner.send(request, signal);
      } finally {
        // The place is handed to the next in line, or given back when nobody waits.
        const next = waiting.values().next();
        if (next.done) inFlight -= 1;
        else next.value(true);
      }
    },
  };
}
