/** The opposite of a filter. The engine negates only inside an expression, so the JSON form becomes one text. */
import { shardFilter } from "../markers/codec.ts";

/** A filter that every document outside this one meets. An absent filter is met by all, so by none outside it. */
export function notFilter(filter: unknown): string {
  const text = expression(filter);
  return text === null ? shardFilter([]) : `NOT (${text})`;
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
