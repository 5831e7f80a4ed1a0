/** The opposite of a filter. The engine negates only inside an expression, so the JSON form becomes one text. */
/** What every document outside this filter meets. null: the filter is no condition, so nothing is outside it. */
export function notFilter(filter: unknown): string | null {
  const text = expression(filter);
  return text === null ? null : `NOT (${text})`;
}

/** null: no condition at all. Elements of a list are all demanded, those of a list inside it are alternatives. */
function expression(filter: unknown): string | null {
  if (typeof filter === "string") return filter.trim() === "" ? null : filter;
  if (!Array.isArray(filter)) return null;
  return joined(
    filter.map((element: unknown) =>
      Array.isArray(element) ? joined(element.map(expression), "OR") : expression(element),
    ),
    "AND",
  );
}

function joined(parts: readonly (string | null)[], word: string): string | null {
  const conditions = parts.filter((part) => part !== null);
  return conditions.length === 0 ? null : conditions.map((condition) => `(${condition})`).join(` ${word} `);
}
