/** A route is data: method, path, who may call it, handler. `routes/all.ts` lists them; `match-route.ts` finds one. */
import type { Authority } from "./auth/authority.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** How the caller is checked before the handler runs; the rules are those of `spec/http.md`. */
export type Access =
  /** Nobody is checked (rule 0); the handler decides for itself. */
  | { readonly kind: "exempt" }
  /** Under `/_miroir/` (rule 2). */
  | { readonly kind: "admin" }
  /**
   * Rule 3 with one of the engine's actions. The index in the path parameter `indexUid`, if there is one, is checked
   * too; a handler that takes indexes from the body checks them itself through `authority`.
   */
  | { readonly kind: "action"; readonly action: string };

export interface RequestContext {
  readonly request: Request;
  readonly requestId: string;
  readonly path: string;
  /** Percent-decoded path parameters. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Query string as received, without `?`; empty if none. */
  readonly rawQuery: string;
  readonly authority: Authority;
  /** Fires when the client goes away or the request's time is over. */
  readonly signal: AbortSignal;
  /** The whole body, content-encoding undone, at most `server.max_body_bytes` (else 413). Read once. */
  body(): Promise<Uint8Array>;
  /** Adds fields to the access log line of this request (index, node_count, degraded, …). */
  note(fields: Readonly<Record<string, unknown>>): void;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as JSON unless `content-type` is given. null: no body. */
  readonly body: string | Uint8Array | ReadableStream<Uint8Array> | null;
}

export interface Route {
  readonly method: Method;
  /** Template with `{name}` parameters, as the engine documents it: `/indexes/{indexUid}/search`. */
  readonly path: string;
  readonly access: Access;
  /** One line for `docs/api-coverage.md`: how it is answered. */
  readonly answered: string;
  readonly handler: (context: RequestContext) => Promise<Reply>;
}
