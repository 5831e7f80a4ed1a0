/** The bodies of hints, beside their rows: they may be large, and are read once. */
import type { RequestBody } from "../core/documents/body-stream.ts";
import { ApiError, errorBody } from "../core/errors/api-error.ts";

/** There is no room for another body, while the store itself works. */
export class SpoolFullError extends ApiError {
  constructor(message: string) {
    super(503, errorBody("miroir_store_unavailable", message));
  }
}

export interface HintSpool {
  /**
   * Resolves when the body would survive a crash. `name` is made of letters, digits and hyphens. Rejects with
   * `SpoolFullError` where there is no room, with any other error when the store fails.
   */
  write(name: string, body: RequestBody): Promise<void>;
  /** undefined when there is none of that name. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Removing what is not there is no failure. */
  remove(name: string): Promise<void>;
}
