/** Looking at JSON whose shape a client decides. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Numbers kept in their own spelling (`exact-json.ts`) are no objects here. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !spelling.isRawJSON(value);
}

export function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/** One text for all spellings of a value: object keys in ascending order, lists as they are. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    isObject(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : one,
  );
}

/** A part of the language's `JSON` that the type library does not know yet. */
const spelling = JSON as unknown as { isRawJSON(value: unknown): boolean };
