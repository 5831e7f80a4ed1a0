/** An error of one query of a multi-search, as the engine words it. */
import { ApiError } from "../../core/errors/api-error.ts";

/** The engine says which query it speaks of, and has 400 for an index that a single search reports with 404. */
export function atPosition(error: unknown, position: number): unknown {
  if (!(error instanceof ApiError)) return error;
  const prefix = `Inside \`.queries[${position}]\`: `;
  if (error.body.message.startsWith(prefix)) return error;
  const status = error.code === "index_not_found" ? 400 : error.status;
  const { retryAfterSeconds } = error;
  return new ApiError(
    status,
    { ...error.body, message: prefix + error.body.message },
    { cause: error, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
  );
}
