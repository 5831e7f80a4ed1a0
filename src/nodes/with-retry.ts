/**
 * Sends a `safe` request a second time when its connection broke: the usual cause is a kept-alive connection that the
 * node closed at the same moment, and POST is not repeated by the runtime. One retry; the deadline is outside and
 * covers both.
 */
import type { NodeClient } from "./node-client.ts";

export function withRetry(inner: NodeClient): NodeClient {
  return {
    nodeId: inner.nodeId,
    address: inner.address,
    async send(request, signal) {
      const first = await inner.send(request, signal);
      const again = request.repeat === "safe" && first.kind === "unavailable" && first.reason === "connection";
      return again && first.ambiguous && signal?.aborted !== true ? inner.send(request, signal) : first;
    },
  };
}
