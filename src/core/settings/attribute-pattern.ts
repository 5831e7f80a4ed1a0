/** Which attributes a pattern of the engine means: a name, or a part of one with a `*` in front, behind, or both. */
export function matchesPattern(pattern: string, field: string): boolean {
  if (pattern === "*") return true;
  const [front, behind] = [pattern.startsWith("*"), pattern.endsWith("*")];
  if (front && behind) return field.includes(pattern.slice(1, -1));
  if (front) return field.endsWith(pattern.slice(1));
  return behind ? field.startsWith(pattern.slice(0, -1)) : pattern === field;
}
