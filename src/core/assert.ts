/** Raised when the program breaks its own rules; rendered once, as the `internal` error. Never for bad input. */
export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

/** States what must hold here. `claim` says it as a sentence, so that a log line explains itself. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new AssertionFailure(claim);
}

/** For the default branch of a closed union: the compiler proves that it cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable variant ${JSON.stringify(value)}`);
}
