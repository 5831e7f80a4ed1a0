/**
 * Lists of documents of different shards as one list: by the client's sort criteria where there are any, then in the
 * order of insertion. Documents pass as text, without the fields that Miroir added.
 */
import { compareText } from "../json/compare-text.ts";
import { decodeKey } from "../json/scan.ts";
import { SEQUENCE_FIELD } from "../markers/fields.ts";
import { countMember, splitAnswer, type AnswerList } from "./answer-list.ts";
import { byScoreDetails } from "./by-score-details.ts";
import { lastMember, memberText, type Hit } from "./hit-cursor.ts";
import { mergeHits, type GarbledAnswer, type MergedHits } from "./merge-hits.ts";
import type { MergeStrategy } from "./merge-strategy.ts";
import { createMemberWriter, isMarkerAt } from "./render-hit.ts";
import type { RankKey, RuleKey } from "./score-details.ts";

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

/** `sorted`: the client gave criteria, and the nodes were asked to send the values they sorted by. */
export type DocumentOrder = "insertion" | "sorted";

export function mergeDocuments(
  answers: readonly DocumentsAnswer[],
  order: DocumentOrder,
  from: number,
  to: number,
): MergedHits<unknown> | GarbledAnswer {
  const lists = answers.map(({ results }) => results);
  return order === "insertion"
    ? mergeHits({ lists, strategy: bySequence, from, to, distinct: null })
    : mergeHits({ lists, strategy: bySortValues, from, to, distinct: null });
}

/** The document without markers and, where sort values were sent, without those. */
export function renderDocument(hit: Hit, order: DocumentOrder): string {
  const { text, bounds } = hit;
  const values = order === "sorted" ? lastMember(text, bounds, SORT_VALUES) : -1;
  const writer = createMemberWriter(text);
  for (let i = 0; i < bounds.length; i += 4) {
    if (i !== values && !isMarkerAt(text, bounds[i]!, bounds[i + 1]!)) writer.keep(bounds, i);
  }
  return writer.end();
}

const bySequence: MergeStrategy<string> = {
  readKey: (hit) => {
    const quoted = memberText(hit, SEQUENCE_FIELD);
    // A document that lacks it was written past the router; it goes last.
    return quoted === null ? LAST : (decodeKey(quoted, 0, quoted.length - 1) ?? null);
  },
  compare: compareText,
};

const bySortValues: MergeStrategy<RankKey> = { readKey: readSortValues, compare: byScoreDetails };

function readSortValues(hit: Hit): RankKey | null {
  const text = memberText(hit, SORT_VALUES);
  if (text === null) return null;
  try {
    const { weightedScoreValues } = JSON.parse(text) as { readonly weightedScoreValues?: readonly SortValue[] };
    return weightedScoreValues?.map(readSortValue) ?? null;
  } catch {
    return null;
  }
}

interface SortValue {
  readonly sort?: { readonly asc: boolean; readonly value: unknown };
  readonly geoSort?: { readonly asc: boolean; readonly distance: number | null };
}

function readSortValue({ sort, geoSort }: SortValue): RuleKey {
  if (geoSort !== undefined) {
    const kind = geoSort.asc ? "geo_asc" : "geo_desc";
    return { name: kind, kind, first: geoSort.distance ?? Number.NaN, second: 0, text: null };
  }
  const kind = sort?.asc === false ? "sort_desc" : "sort_asc";
  const value = sort?.value;
  const first = typeof value === "number" ? value : Number.NaN;
  return { name: kind, kind, first, second: 0, text: typeof value === "string" ? value : null };
}

/** Where nodes put the values they sorted by, when they are asked for them. */
const SORT_VALUES = "_federation";
/** Behind every sequence. */
const LAST = "\uffff";
