/** Keeps the first document per value of one field, as the engine does inside one index. */
import { parseMember, type Hit } from "./hit-cursor.ts";
import { normalizeValue } from "./normalize-value.ts";

export interface DistinctFilter {
  /** False: a document with one of these values went before. A document without a value is always admitted. */
  admits(hit: Hit): boolean;
  rejected(): number;
}

export function createDistinctFilter(path: string): DistinctFilter {
  const seen = new Set<string>();
  const parts = path.split(".");
  let rejected = 0;
  return {
    admits(hit) {
      const values: string[] = [];
      const flat = parts.length > 1 ? parseMember(hit, path) : undefined;
      if (flat !== undefined) leaves(flat, values);
      walk(parseMember(hit, parts[0]!), parts, 1, values);
      if (values.some((value) => seen.has(value))) {
        rejected += 1;
        return false;
      }
      for (const value of values) seen.add(value);
      return true;
    },
    rejected: () => rejected,
  };
}

/** Follows the rest of the path through objects; lists are entered wherever they stand. */
function walk(value: unknown, parts: readonly string[], next: number, into: string[]): void {
  if (Array.isArray(value)) {
    for (const element of value) walk(element, parts, next, into);
  } else if (next === parts.length) leaves(value, into);
  else if (typeof value === "object" && value !== null) {
    const record = value as Readonly<Record<string, unknown>>;
    // A key of the document may itself contain dots.
    for (let end = next + 1; end <= parts.length; end++) {
      const key = parts.slice(next, end).join(".");
      if (Object.hasOwn(record, key)) walk(record[key], parts, end, into);
    }
  }
}

/** Strings and numbers that look alike are different values; booleans are strings; null and objects are none. */
function leaves(value: unknown, into: string[]): void {
  if (Array.isArray(value)) for (const element of value) leaves(element, into);
  else if (typeof value === "string") into.push(`s${normalizeValue(value)}`);
  else if (typeof value === "number") into.push(`n${value}`);
  else if (typeof value === "boolean") into.push(`s${value}`);
}
