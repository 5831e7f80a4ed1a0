/**
 * What the engine says about one document, without what depends on the words a shard happens to hold: counts where it
 * gives counts, scores and values else. Two equal texts mean that the document was judged the same.
 */
import { canonical, member, type Exact } from "./exact-json.ts";

/** Members of a detail that decide order, per rule; rules that are not named here are compared whole. */
const RAW: Readonly<Record<string, readonly string[]>> = {
  words: ["matchingWords"],
  typo: ["typoCount"],
  exactness: ["matchType", "matchingWords"],
};

export function rawDetails(hit: Exact): string {
  const details = member(hit, "_rankingScoreDetails");
  if (details?.kind !== "object") return "";
  return [...details.members]
    .map(([name, detail]) => {
      const raw = RAW[name];
      const text =
        raw === undefined
          ? canonical(detail, () => false)
          : raw.map((key) => canonicalOf(member(detail, key))).join(",");
      return `${canonicalOf(member(detail, "order")).padStart(3, "0")} ${name} ${text}`;
    })
    .sort()
    .join("; ");
}

function canonicalOf(value: Exact | undefined): string {
  return value === undefined ? "" : canonical(value, () => false);
}
