/**
 * Joins the client's filter with filters it must not escape (shards, tenant). The engine parses every element of an
 * array on its own and ANDs them, so an array does it without touching anyone's text: no quote, bracket or OR of the
 * client's can reach out of its element, and error positions stay those of the client's own text.
 */

/**
 * Client and forced filters come in the engine's JSON forms: text, or an array of texts and of arrays of texts. The
 * result has such a form too, `undefined` meaning no filter; a client filter alone is handed back as it is. Anything
 * malformed is kept where it is, never dropped, so that the engine refuses it.
 */
export function andFilters(clientFilter: unknown, forced: readonly unknown[]): unknown {
  const demanded = forced.flatMap(elementsOf);
  if (demanded.length === 0) return isAbsent(clientFilter) ? undefined : clientFilter;
  // The engine refuses a filter of any other type, with a message that depends on it standing alone.
  if (!isAbsent(clientFilter) && typeof clientFilter !== "string" && !Array.isArray(clientFilter)) return clientFilter;
  const elements = [...elementsOf(clientFilter), ...demanded];
  return elements.length === 1 && typeof elements[0] === "string" ? elements[0] : elements;
}

function elementsOf(filter: unknown): readonly unknown[] {
  if (isAbsent(filter)) return [];
  return Array.isArray(filter) ? (filter as readonly unknown[]) : [filter];
}

/** What the engine takes for no filter at all. Text of blanks is left to it: what a blank is, is its own business. */
function isAbsent(filter: unknown): boolean {
  return filter === undefined || filter === null || filter === "" || (Array.isArray(filter) && filter.length === 0);
}
