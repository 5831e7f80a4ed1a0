/**
 * What became of one request to one node. A node's failure is a value at its own position, never an exception:
 * partial success is the normal case of a router.
 */
import type { ErrorBody } from "../core/errors/api-error.ts";

export type NodeOutcome = NodeAnswered | NodeRefused | NodeUnavailable;

/** A 2xx answer. `text` is the body as text, parsed by nobody yet. */
export interface NodeAnswered {
  readonly kind: "answered";
  readonly nodeId: string;
  readonly status: number;
  readonly text: string;
}

/** The node understood and said no: a 3xx/4xx with an error of the engine. Repeating it would not help. */
export interface NodeRefused {
  readonly kind: "refused";
  readonly nodeId: string;
  readonly status: number;
  readonly error: ErrorBody;
}

/**
 * No usable answer: unreachable, timed out, a 5xx, garbage, an open breaker, our own limit, or the caller gone.
 * `ambiguous` is true when the node may nevertheless have acted on the request.
 */
export interface NodeUnavailable {
  readonly kind: "unavailable";
  readonly nodeId: string;
  readonly reason: UnavailableReason;
  readonly ambiguous: boolean;
  /** One sentence for logs and error messages; contains no secret and no body. */
  readonly message: string;
}

export type UnavailableReason =
  | "connection" // refused, reset, name not found
  | "timeout" // the deadline of this request passed
  | "server_error" // the node answered 5xx
  | "garbage" // the node answered something that is not what the engine answers
  | "credentials" // the node refused the router's own key
  | "breaker_open" // not sent: the node failed too often just now
  | "overloaded" // not sent: our own limit for this node is reached
  | "aborted"; // the caller gave up
