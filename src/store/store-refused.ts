/**
 * The store cannot be opened as it is, and trying again would not help: somebody has to decide. Raised only at start;
 * what goes wrong later is an `ApiError` `miroir_store_unavailable`.
 */
export type RefusalReason =
  /** A newer version of the program has written it. */
  | "schema_version_ahead"
  /** A migration that was applied is not the one this program carries. */
  | "checksum_changed"
  /** Another router has it open. */
  | "in_use"
  /** The file or its directory cannot be read or written, or is no store. */
  | "unusable";

export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}
