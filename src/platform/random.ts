/** Chance as a port, for the same reason as `Clock`. */
export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** Uniform unsigned 32-bit integer. */
  uint32(): number;
  /** RFC 9562 version 4, lower case with hyphens. */
  uuidV4(): string;
  /** RFC 9562 version 7 (time ordered), lower case with hyphens. */
  uuidV7(): string;
}
