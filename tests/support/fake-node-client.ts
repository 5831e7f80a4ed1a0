/** A node that answers what the test says, remembers what it was asked, and can be taken away and brought back. */
import type { ErrorBody } from "../../src/core/errors/api-error.ts";
import type { NodeClient, NodeRequest } from "../../src/nodes/node-client.ts";
import type {
  NodeAnswered,
  NodeOutcome,
  NodeRefused,
  NodeUnavailable,
  UnavailableReason,
} from "../../src/nodes/node-outcome.ts";

export type NodeHandler = (request: NodeRequest, signal?: AbortSignal) => NodeOutcome | Promise<NodeOutcome>;

export interface FakeNodeClient extends NodeClient {
  /** Everything the node was asked so far, oldest first, also while it was away. */
  readonly sent: NodeRequest[];
  /** Changes how it answers from now on. */
  answerWith(handler: NodeHandler): void;
  /** While true every request ends as `unavailable`, reason `connection`. */
  down: boolean;
}

export function createFakeNodeClient(nodeId: string, handler: NodeHandler): FakeNodeClient {
  let answer = handler;
  const client: FakeNodeClient = {
    nodeId,
    address: `http://${nodeId}.test:7700`,
    sent: [],
    down: false,
    answerWith: (next) => {
      answer = next;
    },
    send: async (request, signal) => {
      client.sent.push(request);
      if (client.down) return unavailable(nodeId, "connection");
      if (signal?.aborted === true) return unavailable(nodeId, "aborted");
      return answer(request, signal);
    },
  };
  return client;
}

export function answered(nodeId: string, value: unknown, status = 200): NodeAnswered {
  return { kind: "answered", nodeId, status, text: typeof value === "string" ? value : JSON.stringify(value) };
}

export function refused(nodeId: string, status: number, code: string, message = `refused with ${code}`): NodeRefused {
  const link = `https://docs.meilisearch.com/errors#${code}`;
  const error: ErrorBody = { message, code, type: "invalid_request", link };
  return { kind: "refused", nodeId, status, error };
}

export function unavailable(nodeId: string, reason: UnavailableReason, ambiguous = false): NodeUnavailable {
  return { kind: "unavailable", nodeId, reason, ambiguous, message: `${nodeId} gave no answer (${reason})` };
}
