/**
 * The filter for documents with one of some values, where numbers and texts that look like numbers are different values.
 * An equality of the engine finds both; a number written as nobody writes a text finds the number alone.
 */
import { quoteValue } from "../filters/quote-value.ts";
import type { DistinctValue } from "./distinct.ts";
import { unusualNumber } from "./facet-types.ts";

/** `values`: at least one. */
export function holdsOneOf(field: string, values: readonly DistinctValue[]): string {
  const name = quoteValue(field);
  const plain: string[] = [];
  const texts: string[] = [];
  for (const { key, text } of values) {
    if (key.startsWith("n")) plain.push(unusualNumber(text));
    else if (NUMBER_LIKE.test(text)) texts.push(text);
    else plain.push(text);
  }
  const conditions = texts.map(
    (text) => `(${name} = ${quoteValue(text)} AND ${name} != ${quoteValue(unusualNumber(text))})`,
  );
  if (plain.length > 0) conditions.unshift(`${name} IN [${plain.map(quoteValue).join(", ")}]`);
  return conditions.length === 1 ? conditions[0]! : `(${conditions.join(" OR ")})`;
}

/** What the engine reads as a number. */
const NUMBER_LIKE = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
