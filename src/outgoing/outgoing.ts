/**
 * The contract for requests to addresses that clients name: webhooks and targets of exports. Never rejects: what goes
 * wrong at the other end is a value. Internal addresses are refused unless the operator allows them.
 */

export interface OutgoingRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
}

export type OutgoingOutcome =
  /** Any answer, whatever its status. A redirection is an answer and is not followed. */
  | { readonly kind: "answered"; readonly status: number; readonly text: string }
  | { readonly kind: "failed"; readonly reason: OutgoingFailure; readonly message: string };

export type OutgoingFailure =
  | "rejected_ip" // an internal address that is not allowed
  | "invalid_url" // not http or https
  | "connection"
  | "timeout"
  | "too_large" // the answer is larger than anybody needs
  | "aborted";

export interface Outgoing {
  send(request: OutgoingRequest, signal?: AbortSignal): Promise<OutgoingOutcome>;
}
