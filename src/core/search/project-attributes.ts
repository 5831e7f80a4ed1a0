/**
 * Applies the client's displayed attributes inside the request. The nodes display everything, because an explicit list
 * there would redact the sort values that the merge compares.
 */
import { isDisplayed } from "../merge/render-hit.ts";

/** What nodes are asked to retrieve. `displayed` is an explicit list; `requested` null or with `*`: all of it. */
export function projectAttributes(
  requested: readonly string[] | null,
  displayed: readonly string[],
): readonly string[] {
  if (requested === null || requested.includes("*")) return displayed;
  // The engine compares whole names: with `a.b` displayed neither `a` nor `a.b.c` can be asked for.
  return [...new Set(requested.filter((name) => displayed.includes(name)))];
}

/** The same for `attributesToHighlight`, and for `attributesToCrop` whose entries may end in `:length`. */
export function projectFormatted(requested: readonly string[], displayed: readonly string[]): readonly string[] {
  return requested.flatMap((entry) => {
    const [, name = entry, suffix = ""] = /^(.*?)(:\d+)?$/s.exec(entry) ?? [];
    if (name === "*") return displayed.map((shown) => shown + suffix);
    return displayed.includes(name) ? [entry] : [];
  });
}

/** Would these attributes bring this field, or all of its parts, along? null: everything is retrieved. */
export function covers(attributes: readonly string[] | null, field: string): boolean {
  return attributes === null || isDisplayed(field, attributes);
}
