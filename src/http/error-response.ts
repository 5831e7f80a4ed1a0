/**
 * The one place where a failure becomes an answer. An `ApiError` is shown as it is; anything else is a fault of the
 * router's own, whose details go to the log and never to the client.
 */
import { ApiError, errorBody } from "../core/errors/api-error.ts";
import type { Reply } from "./route.ts";

export interface RenderedError {
  readonly reply: Reply;
  /** True when the program itself is at fault: the caller logs the error with its stack. */
  readonly ours: boolean;
}

export function renderError(error: unknown, requestId: string): RenderedError {
  if (error instanceof ApiError) return { reply: errorReply(error), ours: false };
  const message = `An internal error has occurred. The router's log tells more under the request id \`${requestId}\`.`;
  return { reply: { status: 500, body: JSON.stringify(errorBody("internal", message)) }, ours: true };
}

export function errorReply(error: ApiError): Reply {
  const body = JSON.stringify(error.body);
  if (error.retryAfterSeconds === undefined) return { status: error.status, body };
  return { status: error.status, headers: { "retry-after": String(error.retryAfterSeconds) }, body };
}
