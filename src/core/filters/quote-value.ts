/** A value, or the name of a field, as it stands in a filter: whatever it contains, it cannot end its quotes. */
export function quoteValue(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, "\\$&")}"`;
}
