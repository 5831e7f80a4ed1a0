/**
 * JSON in and out without touching a number: what a JavaScript number cannot hold (64-bit integers, `1.0`) is kept in
 * its own spelling, so that a limit of 2^64-1 or an embedder's request template reaches the nodes as it was written.
 */
export function parseExact(text: string): unknown {
  return exact.parse(text, (_key, value, context) =>
    typeof value === "number" && context.source !== undefined && String(value) !== context.source
      ? exact.rawJSON(context.source)
      : value,
  );
}

/** The newest part of the language's `JSON`, which the type library does not know yet. */
const exact = JSON as unknown as {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(source: string): unknown;
};
