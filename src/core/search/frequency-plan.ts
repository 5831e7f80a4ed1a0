/**
 * A search with `matchingStrategy: frequency` as several searches that leave nothing to a node's own frequencies: one
 * for each choice of words that may be missing, each of which demands all its words. Where a word was dropped the
 * exclusion of a word that no document contains takes its place, so that the others keep theirs: the engine looks at
 * the places of words in the query, and at which of them are neighbours.
 */
import type { IndexEntry } from "../catalog/index-entry.ts";
import type { DroppingOrder } from "./frequency-order.ts";
import { isStrings } from "./index-view.ts";
import type { SearchRequest } from "./search-request.ts";

export interface FrequencyWords {
  readonly words: readonly string[];
  /** Is the last word the beginning of a word? */
  readonly prefix: boolean;
}

export interface FrequencyLevel {
  readonly q: string;
  /** How many words it has, all of which a document must contain. */
  readonly words: number;
  readonly matchingWords: number;
  /** Is a word missing in front of another? The engine does not test the query for exactness then. */
  readonly hole: boolean;
}

export interface FrequencyLevels {
  /** Fewest words missing first. The last finds everything that the search finds. */
  readonly levels: readonly FrequencyLevel[];
  readonly maxMatchingWords: number;
}

/** null: the nodes' own order stands, since the query cannot be taken apart or need not be. */
export function frequencyWords(request: SearchRequest, entry: IndexEntry): FrequencyWords | null {
  return request.body["matchingStrategy"] === "frequency" ? plainWords(request, entry) : null;
}

/** The words of a query as the engine sees them. null: it takes the engine to tell, or there are not several. */
export function plainWords(request: SearchRequest, entry: IndexEntry): FrequencyWords | null {
  const { body } = request;
  const q = body["q"];
  if (typeof q !== "string" || request.kind !== "keyword") return null;
  // A score is that of a whole query, and a node keeps each value once per query.
  if (request.hasThreshold || request.distinct !== null || typeof entry.settings["distinctAttribute"] === "string") {
    return null;
  }
  if (!PLAIN.test(q) || CAMEL_CASE.test(q)) return null;
  // A hyphen between words parts them like a blank, unless settings say what parts words.
  const settings = [
    entry.settings["nonSeparatorTokens"],
    entry.settings["separatorTokens"],
    entry.settings["dictionary"],
  ];
  if (settings.some((list) => hasToken(q, list))) return null;
  const words = q.trim().split(/\s+|-/);
  const stopWords = entry.settings["stopWords"];
  if (Array.isArray(stopWords) && words.some((word) => stopWords.includes(word.toLowerCase()))) return null;
  return words.length < 2 || words.length > WORDS_MAX ? null : { words, prefix: !/\s$/.test(q) };
}

/** Is there anything in the query, or in the place of a dropped word, that settings have their own idea of? */
function hasToken(q: string, tokens: unknown): boolean {
  const text = `${q.toLowerCase()} ${PLACEHOLDER}`;
  return isStrings(tokens) && tokens.some((token) => text.includes(token.toLowerCase()));
}

/** What finds the documents that contain one word, as the engine counts them. */
export function wordQuery({ words, prefix }: FrequencyWords, word: number): string {
  return prefix && word === words.length - 1 ? words[word]! : `${words[word]!} `;
}

/** null: there are too many. */
export function frequencyLevels(
  query: FrequencyWords,
  order: DroppingOrder,
  frequencies: readonly number[],
): FrequencyLevels | null {
  const droppable = order.slice(0, -1).flat();
  if (droppable.length > DROPPABLE_MAX) return null;
  const groupOf = new Map(order.flatMap((group, place) => group.map((word): [number, number] => [word, place])));
  const maxMatchingWords = 1 + droppable.length;
  const levels: FrequencyLevel[] = [];
  for (let bits = 0; bits < 1 << droppable.length; bits++) {
    const dropped = droppable.filter((_, i) => (bits >> i) & 1);
    if (!isDropped(dropped, droppable, groupOf)) continue;
    // Nothing is found as long as a word is demanded that no document contains.
    if (droppable.some((word) => frequencies[word] === 0 && !dropped.includes(word))) continue;
    const words = query.words.length - dropped.length;
    levels.push({ ...leave(query, new Set(dropped)), words, matchingWords: maxMatchingWords - dropped.length });
  }
  levels.sort((a, b) => b.matchingWords - a.matchingWords);
  return levels.length > LEVELS_MAX ? null : { levels, maxMatchingWords };
}

/**
 * Does the engine drop just these words? It walks through the query from its beginning: once it has dropped a word, it
 * drops those behind it that come earlier in the dropping order, but not those that it has passed.
 */
function isDropped(
  dropped: readonly number[],
  droppable: readonly number[],
  groupOf: ReadonlyMap<number, number>,
): boolean {
  return dropped.every((word) =>
    droppable.every((other) => other < word || groupOf.get(other)! >= groupOf.get(word)! || dropped.includes(other)),
  );
}

function leave({ words, prefix }: FrequencyWords, dropped: ReadonlySet<number>): Pick<FrequencyLevel, "q" | "hole"> {
  const last = words.findLastIndex((_, position) => !dropped.has(position));
  const kept = words.slice(0, last + 1).map((word, position) => (dropped.has(position) ? PLACEHOLDER : word));
  const hole = kept.includes(PLACEHOLDER);
  return { q: kept.join(" ") + (prefix && last === words.length - 1 ? "" : " "), hole };
}

/** Words of scripts that put blanks between them; everything else is the tokenizer's business. */
const PLAIN =
  /^\s*[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\d]+(?:(?:\s+|-)[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\d]+)*\s*$/u;
const CAMEL_CASE = /\p{Ll}\p{Lu}/u;
/** So many words of a query count. */
const WORDS_MAX = 10;
/** The exclusion of a word that no document contains: what stands around it are no neighbours. */
export const PLACEHOLDER = "-qzxmiroirxzq";
/** Each level is one more search of a node that would go by another order. */
const LEVELS_MAX = 16;
const DROPPABLE_MAX = 9;
