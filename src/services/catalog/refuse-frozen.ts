/** Writes to an index whose nodes do not have the same settings would be indexed differently on each; they are refused. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { apiError } from "../../core/errors/api-error.ts";

export function refuseFrozen(entry: IndexEntry | undefined): void {
  if (entry?.frozen === undefined) return;
  throw apiError("miroir_index_frozen", `Index \`${entry.uid}\` takes no writes for now: ${entry.frozen}`);
}
