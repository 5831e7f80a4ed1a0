/** What a promise is rejected with, so that a test can wait for it and look at it; fails when it is fulfilled. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (reason) {
    return reason;
  }
  throw new TypeError("the promise was fulfilled");
}
