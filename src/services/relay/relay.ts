/**
 * Passing one request on to one node as it is: for everything that all nodes answer alike, and for the exact words of
 * an error ("the nodes stay the judges").
 */
import type { NodeAnswered, NodeRefused } from "../../nodes/node-outcome.ts";

export interface RelayRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
  readonly operation: string;
}

/** Tries healthy nodes in turn; throws `miroir_node_unavailable` when none answers. Only for repeatable requests. */
export type Relay = (request: RelayRequest, signal?: AbortSignal) => Promise<NodeAnswered | NodeRefused>;
