/** Looking at JSON whose shape a client decides. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Numbers kept in their own spelling (`exact-json.ts`) have no prototype and are no objects here. */
export function isObject(value: unknown): value is JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.getPrototypeOf(value) !== null;
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
