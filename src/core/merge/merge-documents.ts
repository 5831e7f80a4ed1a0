/**
 * Lists of documents of different shards as one list: by the client's sort criteria where there are any, then in the
 * order of insertion. Documents pass as text, without the fields that Miroir added or asked for.
 */
import { compareText } from "../json/compare-text.ts";
import { decodeKey } from "../json/scan.ts";
import { SEQUENCE_FIELD } from "../markers/fields.ts";
import { countMember, splitAnswer, type AnswerList } from "./answer-list.ts";
import { byScoreDetails } from "./by-score-details.ts";
import { cutFrom, cutPath } from "./distinct-cut.ts";
import { createDocumentKeys, SORT_VALUES, type SortCriterion } from "./document-keys.ts";
import { lastMember, memberText, type Hit } from "./hit-cursor.ts";
import { mergeHits, type GarbledAnswer, type MergedHits } from "./merge-hits.ts";
import type { MergeStrategy } from "./merge-strategy.ts";
import { createMemberWriter, isMarkerAt } from "./render-hit.ts";
import type { RankKey } from "./score-details.ts";

export interface DocumentsAnswer {
  readonly results: AnswerList;
  readonly total: number;
}

/** null: not the engine's answer to a request for documents. */
export function readDocumentsAnswer(text: string): DocumentsAnswer | null {
  const results = splitAnswer(text, "results", "offset");
  const total = results === null ? null : countMember(results.members, "total");
  return results === null || total === null ? null : { results, total };
}

/** In which order documents are listed, and what was asked for only to know it. */
export interface DocumentOrder {
  /** None: the order of insertion. With any the nodes are asked to send the values they sorted by. */
  readonly criteria: readonly SortCriterion[];
  /** Of what was asked for: members, and paths inside members, that the client did not ask for. */
  readonly drop: readonly string[];
  readonly cut: readonly string[];
  /** Nodes do not sort by the place in insertion order: it is read from the documents. */
  readonly placeStored?: boolean;
}

export interface MergedDocuments extends MergedHits<unknown> {
  /** Was a document listed more than once, so that places in the list are not numbers of documents? */
  readonly repeats: boolean;
}

export function mergeDocuments(
  answers: readonly DocumentsAnswer[],
  { criteria, placeStored }: DocumentOrder,
  from: number,
  to: number,
): MergedDocuments | GarbledAnswer {
  const lists = answers.map(({ results }) => results);
  const keys = createDocumentKeys(criteria, placeStored);
  const bySortValues: MergeStrategy<RankKey> = { readKey: (hit) => keys.read(hit), compare: byScoreDetails };
  const merged =
    criteria.length === 0
      ? mergeHits({ lists, strategy: bySequence, from, to, distinct: null })
      : mergeHits({ lists, strategy: bySortValues, from, to, distinct: null });
  return merged.kind === "garbage" ? merged : { ...merged, repeats: keys.repeats() };
}

/** The document without what only the merge needed. */
export function renderDocument(hit: Hit, { criteria, drop, cut }: DocumentOrder): string {
  const { text, bounds } = hit;
  const values = criteria.length === 0 ? -1 : lastMember(text, bounds, SORT_VALUES);
  const writer = createMemberWriter(text);
  for (let i = 0; i < bounds.length; i += 4) {
    if (i === values || isMarkerAt(text, bounds[i]!, bounds[i + 1]!)) continue;
    const name = drop.length + cut.length === 0 ? "" : (decodeKey(text, bounds[i]!, bounds[i + 1]!) ?? "");
    if (name !== "" && drop.includes(name)) continue;
    const below = name === "" ? [] : cut.flatMap((path) => cutFrom(name, path) ?? []);
    if (below.includes("")) continue;
    if (below.length === 0) writer.keep(bounds, i);
    else writer.replace(bounds, i, cutAll(text, bounds[i + 2]!, below));
  }
  return writer.end();
}

function cutAll(text: string, at: number, [first, ...others]: readonly string[]): string {
  return others.reduce((left, path) => cutPath(left, 0, path), cutPath(text, at, first!));
}

const bySequence: MergeStrategy<string> = {
  readKey: (hit) => {
    const quoted = memberText(hit, SEQUENCE_FIELD);
    // A document that lacks it was written past the router; it goes last.
    return quoted === null ? LAST : (decodeKey(quoted, 0, quoted.length - 1) ?? null);
  },
  compare: compareText,
};

/** Behind every sequence. */
const LAST = "\uffff";
