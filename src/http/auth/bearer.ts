/** Reads the `Authorization` header as strictly as the engine: `Bearer`, one space, token. */
import { apiError, type ApiError } from "../../core/errors/api-error.ts";

/** The token, or null when there is no header at all. Throws what the engine answers to a header it cannot use. */
export function bearerToken(authorization: string | null): string | null {
  if (authorization === null) return null;
  if (authorization.startsWith("Bearer ")) return authorization.slice("Bearer ".length);
  if (authorization === "Bearer") throw invalidKey(INVALID_KEY_MESSAGE);
  throw missingAuthorization();
}

export function missingAuthorization(): ApiError {
  return apiError(
    "missing_authorization_header",
    "The Authorization header is missing. It must use the bearer authorization method.",
  );
}

export function invalidKey(message: string): ApiError {
  return apiError("invalid_api_key", message);
}

export const INVALID_KEY_MESSAGE = "The provided API key is invalid.";
