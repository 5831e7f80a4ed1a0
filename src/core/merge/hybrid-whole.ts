/**
 * The total of a hybrid search with numbered pages, a score threshold and a distinct attribute. The engine looks at every
 * document then, and counts those that are good enough for either list and the first of their value there. Nothing less
 * than both lists tells how many there are.
 */
import type { AnswerList } from "./answer-list.ts";
import type { Hit } from "./hit-cursor.ts";
import { leftBy } from "./hybrid-distinct.ts";
import { hybridStrategy } from "./hybrid-hits.ts";
import { mergeHits } from "./merge-hits.ts";

export interface WholeLists {
  readonly field: string;
  /** By node all documents that are good enough, none left out for its value. */
  readonly semantic: readonly AnswerList[];
  readonly keyword: readonly AnswerList[];
  /** Does no rule ask for nearness? Then fields alone order the list by meaning, and its hits look like those by words. */
  readonly byFieldsAlone: boolean;
  /** The hits up to the end of the page, all of which count. */
  readonly taken: readonly Hit[];
}

/** null: a list is not one. */
export function countWhole(lists: WholeLists): number | null {
  const [semantic, keyword] = [keptOf("semantic", lists), keptOf("keyword", lists)];
  if (semantic === null || keyword === null) return null;
  return lists.taken.length + leftBy(lists.taken, [...semantic, ...keyword], lists.field).length;
}

/** The best document of each value, and those without one. */
function keptOf(list: "semantic" | "keyword", { field, byFieldsAlone, ...lists }: WholeLists): readonly Hit[] | null {
  const merged = mergeHits({
    lists: lists[list],
    strategy: hybridStrategy({ list, weight: 1, byFieldsAlone }),
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
    distinct: field,
  });
  return merged.kind === "garbage" ? null : merged.page.map(({ hit }) => hit);
}
