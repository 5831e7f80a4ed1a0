/** The bodies of hints, beside their rows: they may be large, and are read once. */
import type { RequestBody } from "../core/documents/body-stream.ts";

export interface HintSpool {
  /** Resolves when the body would survive a crash. `name` is made of letters, digits and hyphens. */
  write(name: string, body: RequestBody): Promise<void>;
  /** undefined when there is none of that name. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Removing what is not there is no failure. */
  remove(name: string): Promise<void>;
}
