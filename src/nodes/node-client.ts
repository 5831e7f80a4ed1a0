/**
 * The contract with one Meilisearch node. `nodes/http` is the adapter; `with-*.ts` wrap this port one behaviour at a
 * time (telemetry > breaker > deadline > limit > retry > http, outermost first).
 */
import type { RequestBody } from "../core/documents/body-stream.ts";
import type { NodeOutcome } from "./node-outcome.ts";

export interface NodeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path with query string, starting with `/`. */
  readonly path: string;
  /** Sent as it is; JSON is made by the caller. A stream is made anew for every sending. */
  readonly body?: RequestBody;
  /** Default `application/json` when there is a body. */
  readonly contentType?: string;
  /** Further headers, for example `meili-include-metadata`. `authorization` is added by the client. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bounded label for metrics and logs: `search`, `documents.add`, `tasks.list`, `health`, … */
  readonly operation: string;
  /** Milliseconds for the whole exchange, body included. */
  readonly timeoutMs: number;
  /**
   * `safe`: reading, may be sent twice. `once`: a write that must reach the node at most once per call; it is sent
   * on a way that never re-sends silently, and every failure after the first byte is `ambiguous`.
   */
  readonly repeat: "safe" | "once";
  /**
   * Asked in the instant in which the request leaves, and between the parts of a large body. False: it is not sent, or
   * broken off, since another router may have written meanwhile.
   */
  readonly mayGo?: () => boolean;
  /** Nobody else can answer: it is sent also while the node is being left alone. */
  readonly insists?: true;
  /** What a good answer is: JSON (default; anything else is garbage) or any text. */
  readonly expects?: "json" | "text";
}

export interface NodeClient {
  readonly nodeId: string;
  readonly address: string;
  /** Never rejects. */
  send(request: NodeRequest, signal?: AbortSignal): Promise<NodeOutcome>;
}
