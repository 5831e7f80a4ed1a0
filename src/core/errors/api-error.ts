/**
 * The one error a caller can be blamed for or told about. Thrown anywhere below the HTTP surface and rendered
 * once in `http/error-response.ts`, always in the engine's shape `{message, code, type, link}`.
 */
import { errorCode, type ErrorCode, type ErrorType } from "./codes.ts";

/** The engine's error object, as it stands in bodies and in the `error` of a task. */
export interface ErrorBody {
  readonly message: string;
  readonly code: string;
  readonly type: string;
  readonly link: string;
}

export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status. */
  readonly status: number;
  readonly body: ErrorBody;
  /** Seconds for `Retry-After`; present on every 503, as the engine does. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, body: ErrorBody, options?: { cause?: unknown; retryAfterSeconds?: number }) {
    super(body.message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.body = body;
    this.retryAfterSeconds = options?.retryAfterSeconds ?? (status === 503 ? RETRY_AFTER_SECONDS : undefined);
  }

  get code(): string {
    return this.body.code;
  }
}

/** What the engine itself sends with every 503. */
export const RETRY_AFTER_SECONDS = 10;

/** An error with a code of the table: status, type and link follow from the code. */
export function apiError(
  code: ErrorCode,
  message: string,
  options?: { cause?: unknown; retryAfterSeconds?: number },
): ApiError {
  const row = errorCode(code);
  return new ApiError(row.status, errorBody(code, message), options);
}

export function errorBody(code: ErrorCode, message: string): ErrorBody {
  const row = errorCode(code);
  return { message, code, type: row.type satisfies ErrorType, link: row.link };
}

/** A node's own error, passed on verbatim. */
export function nodeError(status: number, body: ErrorBody): ApiError {
  return new ApiError(status, body);
}
