/**
 * One request while it is being worked on: what the handler sees of it, and how it ends early. Everything that costs
 * (query, signal, body) is made when it is first asked for.
 */
import { assert } from "../core/assert.ts";
import type { Authority } from "./auth/authority.ts";
import { readBody } from "./body-limit.ts";
import type { RequestContext } from "./route.ts";

/** Why a request ends without an answer: nobody is there to read it. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

export class Exchange implements RequestContext {
  readonly request: Request;
  readonly requestId: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly rawQuery: string;
  notes: Record<string, unknown> | null = null;
  readonly #bodyBytesMax: number;
  #authority: Authority | undefined;
  #query: URLSearchParams | undefined;
  #controller: AbortController | undefined;
  #body: Promise<Uint8Array> | undefined;
  /** Set when the exchange ended early before anybody asked for the signal. */
  #endReason: unknown;
  #stopListening: (() => void) | undefined;

  constructor(
    request: Request,
    requestId: string,
    target: { readonly path: string; readonly rawQuery: string },
    params: Readonly<Record<string, string>>,
    bodyBytesMax: number,
  ) {
    this.request = request;
    this.requestId = requestId;
    this.path = target.path;
    this.rawQuery = target.rawQuery;
    this.params = params;
    this.#bodyBytesMax = bodyBytesMax;
  }

  get authority(): Authority {
    assert(this.#authority !== undefined, "a handler runs only after its caller was judged");
    return this.#authority;
  }

  admit(authority: Authority): void {
    this.#authority = authority;
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.rawQuery));
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      if (this.#endReason !== undefined) controller.abort(this.#endReason);
      else this.#followClient(controller);
    }
    return this.#controller.signal;
  }

  body(): Promise<Uint8Array> {
    return (this.#body ??= readBody(this.request, this.#bodyBytesMax, this.signal));
  }

  note(fields: Readonly<Record<string, unknown>>): void {
    this.notes = this.notes === null ? { ...fields } : Object.assign(this.notes, fields);
  }

  /** Fires the signal: whoever works for this request may stop. */
  end(reason: unknown): void {
    this.#endReason = reason;
    this.#controller?.abort(reason);
  }

  /** Lets go of the client's signal once the answer stands. */
  close(): void {
    this.#stopListening?.();
  }

  #followClient(controller: AbortController): void {
    const client = this.request.signal;
    const gone = (): void => controller.abort(new ClientGone("the client went away"));
    if (client.aborted) return gone();
    client.addEventListener("abort", gone, { once: true });
    this.#stopListening = () => client.removeEventListener("abort", gone);
  }
}
