/**
 * `field != value`, which a node answers with nothing at all as long as no document of its own has ever had the field,
 * while one engine with all documents answers with everything that has another value. `field NOT IN [value]` means the
 * same on a node that knows the field, and on one that does not it means what it says. It is for the caller to know
 * whether anybody has seen the field: where nobody has, one engine would answer with nothing as well.
 */
import { unequalConditions } from "./parse-filter.ts";

/** The fields of such conditions in these filters, in any of the engine's JSON forms; each once. */
export function unequalFields(filters: readonly unknown[]): readonly string[] {
  const fields = new Set<string>();
  for (const text of filters.flatMap(textsOf)) for (const { field } of conditionsOf(text)) fields.add(field);
  return [...fields];
}

/** The filter with all conditions on one of `fields` in the other form; anything else is handed back as it is. */
export function withoutUnequal(filter: unknown, fields: ReadonlySet<string>): unknown {
  if (typeof filter === "string") return rewrite(filter, fields);
  if (!Array.isArray(filter)) return filter;
  return filter.map((element: unknown) => withoutUnequal(element, fields));
}

function rewrite(text: string, fields: ReadonlySet<string>): string {
  const parts: string[] = [];
  let at = 0;
  for (const { field, start, valueStart, end } of conditionsOf(text)) {
    if (!fields.has(field)) continue;
    const value = text.slice(valueStart, end).replace(/[ \t\r\n]+$/, "");
    parts.push(text.slice(at, start).replace(/[ \t\r\n]+$/, ""), ` NOT IN [${value.trimStart()}]`);
    at = valueStart + value.length;
  }
  return at === 0 ? text : parts.join("") + text.slice(at);
}

/** Texts without the operator are by far the most, and are not parsed for this. */
function conditionsOf(text: string): ReturnType<typeof unequalConditions> {
  return text.includes("!=") ? unequalConditions(text) : [];
}

function textsOf(filter: unknown): readonly string[] {
  if (typeof filter === "string") return [filter];
  return Array.isArray(filter) ? (filter as readonly unknown[]).flatMap(textsOf) : [];
}
