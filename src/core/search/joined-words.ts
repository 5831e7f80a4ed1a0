/**
 * The engine takes two or three neighbouring words of a query for one word as well: `foot ball` finds `football`, and what
 * `new york` is a synonym of. What is found like that counts for each of these words when they are dropped by frequency.
 */
import { PLACEHOLDER, type FrequencyWords } from "./frequency-plan.ts";

export interface JoinedWords {
  /** Positions in the query. */
  readonly words: readonly number[];
  /** Finds documents with all of the words, or with one word for some of them. */
  readonly together: string;
  /** Finds documents with all of the words alone. */
  readonly apart: string;
}

export function joinedWords(query: FrequencyWords): readonly JoinedWords[] {
  const joined: JoinedWords[] = [];
  for (const length of [2, JOINED_MAX]) {
    for (let from = 0; from + length <= query.words.length; from++) {
      const words = Array.from({ length }, (_, i) => from + i);
      joined.push({ words, together: textOf(query, words, " "), apart: textOf(query, words, ` ${PLACEHOLDER} `) });
    }
  }
  return joined;
}

/** What together finds the documents that the engine counts for a word. */
export function countedFor(query: FrequencyWords, word: number): readonly string[] {
  const around = joinedWords(query).filter(({ words }) => words.includes(word));
  return [textOf(query, [word], " "), ...around.map(({ together }) => together)];
}

function textOf({ words, prefix }: FrequencyWords, positions: readonly number[], between: string): string {
  const text = positions.map((position) => words[position]!).join(between);
  return prefix && positions.at(-1) === words.length - 1 ? text : `${text} `;
}

/** The engine joins no more. */
const JOINED_MAX = 3;
