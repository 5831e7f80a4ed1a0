/** Turns whatever a backend throws into the one error that callers of the store know. */
import { ApiError, apiError } from "../core/errors/api-error.ts";

/** `detail`: what is said of it, if not its own words. */
export function storeUnavailable(cause: unknown, detail: string = wordsOf(cause)): ApiError {
  if (cause instanceof ApiError) return cause;
  const sentence = `The store of the router does not work: ${detail.replace(/\.+$/, "")}.`;
  return apiError("miroir_store_unavailable", sentence, { cause });
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
