/** A search without what only decides how a hit looks. */
export function undecorated(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !DECORATION.has(name)));
}

const DECORATION: ReadonlySet<string> = new Set([
  "attributesToHighlight",
  "attributesToCrop",
  "cropLength",
  "cropMarker",
  "highlightPreTag",
  "highlightPostTag",
  "showMatchesPosition",
  "showRankingScore",
  "showPerformanceDetails",
  "retrieveVectors",
]);
