/** Which indexes take no writes, although they are there. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { apiError } from "../../core/errors/api-error.ts";
import type { Catalog } from "./catalog.ts";

/** Its nodes do not have the same settings: what is written would be indexed differently on each. */
export function refuseFrozen(entry: IndexEntry | undefined): void {
  if (entry?.frozen === undefined) return;
  throw apiError("miroir_index_frozen", `Index \`${entry.uid}\` takes no writes for now: ${entry.frozen}`);
}

/** In the store it is still about to be deleted: after a crash it would be, with what is written now. */
export function refuseUnstored(catalog: Pick<Catalog, "owes">, uid: string): void {
  if (!catalog.owes(uid)) return;
  throw apiError(
    "miroir_store_unavailable",
    `The store has not taken yet that index \`${uid}\` stays. Send the request again.`,
  );
}
