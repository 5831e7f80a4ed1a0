/**
 * A document may have a field whose very name has dots. Among those that are asked for by name it is found by its whole
 * name only; the parts of an object that is asked for do not include it.
 */

/** Names with dots that bring nothing along of what was asked for, but do for the sake of `field`. */
export function unaskedNames(asked: readonly string[], field: string): readonly string[] {
  const parts = field.split(".");
  const names = parts.slice(1).map((_, i) => parts.slice(0, i + 2).join("."));
  return names.filter((name) => !asked.includes(name) && !readsBelow(asked, name));
}

/** Is a part of it asked for? */
export function readsBelow(names: readonly string[], parent: string): boolean {
  return names.some((name) => name.startsWith(`${parent}.`));
}
