/** What a generated run may contain. */
export const KINDS = [
  "search",
  "documents",
  "multi",
  "errors",
  "distinct",
  "threshold",
  "frequency",
  "facet-search",
  "federated",
  "vector",
  "similar",
  "tenant",
  "rules",
] as const;

export type Kind = (typeof KINDS)[number];

/** Rules change what every other search shows, so they are asked for by name. */
export const KINDS_DEFAULT: readonly Kind[] = KINDS.filter((kind) => kind !== "rules");

/** null: a name in the list is none of the kinds. */
export function readKinds(text: string): ReadonlySet<Kind> | null {
  const names = text.split(",").map((name) => name.trim());
  return names.every(isKind) ? new Set(names) : null;
}

function isKind(name: string): name is Kind {
  return (KINDS as readonly string[]).includes(name);
}
