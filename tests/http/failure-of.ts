/** The error of an operation that must fail, so that a test can look at it; a success is a failed test. */
export async function failureOf(work: Promise<unknown>): Promise<Error & { status?: number; code?: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new TypeError("it succeeded");
}
