/** A query string read as the JSON body that says the same, by a table of what each parameter may look like. */
export type ParameterParsers = Readonly<Record<string, (text: string) => unknown>>;

/** undefined: a parameter is unknown or has a value that the engine may refuse. */
export function readQueryString(
  query: URLSearchParams,
  parsers: ParameterParsers,
): Record<string, unknown> | undefined {
  const body: Record<string, unknown> = {};
  for (const [name, text] of query) {
    const parse = parsers[name];
    const value = parse?.(text);
    if (value === undefined) return undefined;
    body[name] = value;
  }
  return body;
}
