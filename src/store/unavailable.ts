/** Turns whatever a backend throws into the one error that callers of the store know. */
import { ApiError, apiError } from "../core/errors/api-error.ts";

export function storeUnavailable(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  const detail = cause instanceof Error ? cause.message : String(cause);
  return apiError("miroir_store_unavailable", `The store of the router does not work: ${detail.replace(/\.+$/, "")}.`, {
    cause,
  });
}
