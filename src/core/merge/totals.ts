/** The paging members of an answer, in the engine's order. */
import type { Paging } from "./merge-spec.ts";

export function renderTotals(paging: Paging, total: number): string {
  if (paging.mode === "offset") {
    return `"limit":${paging.limit},"offset":${paging.offset},"estimatedTotalHits":${total}`;
  }
  // With no hits per page there are no pages, whatever the total.
  const pages = paging.hitsPerPage === 0 ? 0 : Math.ceil(total / paging.hitsPerPage);
  return `"hitsPerPage":${paging.hitsPerPage},"page":${paging.page},"totalPages":${pages},"totalHits":${total}`;
}
