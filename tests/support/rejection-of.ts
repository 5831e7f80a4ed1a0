/** What a promise is rejected with, so that a test can wait for it and look at it; fails when it is fulfilled. */
import { ApiError } from "../../src/core/errors/api-error.ts";

export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (reason) {
    return reason;
  }
  throw new TypeError("the promise was fulfilled");
}

/** The same of a request: what its client is told. Anything else that it is rejected with is thrown. */
export async function refusalOf(promise: Promise<unknown>): Promise<ApiError> {
  const reason = await rejectionOf(promise);
  if (reason instanceof ApiError) return reason;
  throw reason;
}
