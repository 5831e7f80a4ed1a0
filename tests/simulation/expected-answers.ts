/** What clients of the simulated router may be told, and what it means. */
/** An index that is not there holds nothing. */
export function isMissing({ body }: { readonly body: unknown }): boolean {
  const { code } = body as { code?: string };
  return code === "document_not_found" || code === "index_not_found";
}

export const RANKS: Readonly<Record<string, number>> = {
  enqueued: 0,
  processing: 1,
  succeeded: 2,
  failed: 2,
  canceled: 2,
};
export const ENDED = 2;
export const HAS_ENDED: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled"]);

/** What a client may be told while something is broken; anything else is a fault of the router. */
export const EXPECTED_REFUSALS: ReadonlySet<string> = new Set([
  "miroir_no_quorum",
  "miroir_node_unavailable",
  "miroir_store_unavailable",
  "miroir_overloaded",
  "miroir_request_timeout",
  // The index was deleted, or the fleet changed, while the write was prepared.
  "miroir_taken_over",
]);
