/** The rules that rank by how well a document matches the words of the query, each as costs on the query graph. */
import { DocSet, unionOf } from "../doc-set.ts";
import { createGraphRule, type Condition, type WeighedCondition } from "./graph-rule.ts";
import { removalOrder, type MatchingStrategy } from "./query-graph.ts";
import {
  derivedWords,
  exactTerm,
  highestTypoCost,
  keyOf,
  phrasesOf,
  preparedPrefix,
  sizeOf,
  type LocatedTerm,
} from "./query-term.ts";
import type { RankingRule } from "./ranking-rule.ts";
import type { SearchContext } from "./search-context.ts";

const PROXIMITY_MAX = 4;
const POSITION_COST_MAX = 10;

/** More of the query's words first; what may be left out is decided by the matching strategy. */
export function wordsRule(context: SearchContext, strategy: MatchingStrategy): RankingRule {
  return createGraphRule({
    kind: "words",
    edges: (_from, to) => [{ cost: 0, condition: anyOf(to, context) }],
    skippable: (graph) => removalOrder(graph, strategy, context),
  });
}

/** Fewer typos first; joining two words counts as one typo, three as two. */
export function typoRule(context: SearchContext): RankingRule {
  return createGraphRule({
    kind: "typo",
    edges: (_from, to) => {
      const base = sizeOf(to) === 1 ? 0 : sizeOf(to);
      const edges: WeighedCondition[] = [];
      for (let typos = 0; typos <= highestTypoCost(to); typos += 1) {
        const narrowed: LocatedTerm = {
          ...to,
          zeroTypo: typos === 0 ? to.zeroTypo : "none",
          oneTypo: typos === 1 && to.oneTypo,
          twoTypos: typos === 2 && to.twoTypos,
        };
        edges.push({
          cost: base + typos,
          condition: { ...anyOf(narrowed, context), key: `${typos}|${keyOf(narrowed)}` },
        });
      }
      return edges;
    },
  });
}

/** Words that stand close together first. */
export function proximityRule(context: SearchContext): RankingRule {
  return createGraphRule({
    kind: "proximity",
    edges: (from, to) => {
      const joined = sizeOf(to) - 1;
      if (from === null || from.to + 1 !== to.from) return [{ cost: joined, condition: anyOf(to, context) }];
      const edges: WeighedCondition[] = [];
      for (let cost = joined; cost < PROXIMITY_MAX - 1 + joined; cost += 1) {
        edges.push({
          cost,
          condition: {
            key: `${cost}|${keyOf(from)}|${keyOf(to)}`,
            documents: () => nearDocuments(from, to, cost + 1, context),
            start: from,
            end: to,
          },
        });
      }
      edges.push({ cost: PROXIMITY_MAX - 1 + joined, condition: anyOf(to, context) });
      return edges;
    },
  });
}

/** Words in more important attributes first. */
export function attributeRankRule(context: SearchContext): RankingRule {
  return createGraphRule({
    kind: "attributeRank",
    edges: (_from, to) => {
      const { index } = context;
      const fields = new Set<number>();
      const words = [...derivedWords(to).map(({ word }) => word), ...prefixedWords(to, context)];
      for (const word of [...words, ...phrasesOf(to).flatMap((phrase) => phrase.filter((part) => part !== null))]) {
        for (const field of index.words.fieldsOf(word).keys()) fields.add(field);
      }
      const edges: WeighedCondition[] = [];
      let highest = 0;
      for (const field of [...fields].sort((a, b) => a - b)) {
        const weight = index.weightOf(index.fields[field] ?? "");
        if (weight === null) continue;
        highest = Math.max(highest, weight);
        edges.push({
          cost: weight * sizeOf(to),
          condition: within(to, `f${field}`, (word) => context.fieldDocuments(word, field), context),
        });
      }
      if (highest < index.weightMax) edges.push({ cost: index.weightMax * sizeOf(to), condition: nothing(to, "f") });
      return edges;
    },
  });
}

/** Words nearer to where they stand in the query first. */
export function wordPositionRule(context: SearchContext): RankingRule {
  return createGraphRule({
    kind: "wordPosition",
    edges: (_from, to) => {
      const positions = new Set<number>();
      const firstWords = phrasesOf(to).flatMap((phrase) => phrase.find((part) => part !== null) ?? []);
      for (const word of [
        ...derivedWords(to).map((derived) => derived.word),
        ...prefixedWords(to, context),
        ...firstWords,
      ]) {
        for (const position of context.index.words.positionsOf(word).keys()) positions.add(position);
      }
      const byCost = new Map<number, number[]>();
      for (const position of positions) {
        let cost = 0;
        for (let i = 0; i < sizeOf(to); i += 1) cost += positionCost(Math.abs(position - to.from) + i);
        byCost.set(cost, [...(byCost.get(cost) ?? []), position]);
      }
      const edges: WeighedCondition[] = [...byCost]
        .sort(([a], [b]) => a - b)
        .map(([cost, at]) => ({
          cost,
          condition: within(
            to,
            `p${cost}`,
            (word) => unionOf(at.map((position) => context.positionDocuments(word, position))),
            context,
          ),
        }));
      const highest = sizeOf(to) * POSITION_COST_MAX;
      if (!byCost.has(highest)) edges.push({ cost: highest, condition: nothing(to, "p") });
      return edges;
    },
  });
}

/** More words exactly as written first. */
export function exactWordsRule(context: SearchContext): RankingRule {
  return createGraphRule({
    kind: "exactWords",
    edges: (_from, to) => {
      const exact = exactTerm(to);
      const end: LocatedTerm =
        exact === null
          ? { ...to, isMandatory: true }
          : { ...to, zeroTypo: "exact", oneTypo: false, twoTypos: false, isMandatory: true };
      return [
        {
          cost: 0,
          condition: { key: `e|${keyOf(to)}`, documents: () => exactDocuments(exact, to, context), start: null, end },
        },
        { cost: sizeOf(to), condition: { ...anyOf(to, context), key: `a|${keyOf(to)}` } },
      ];
    },
  });
}

function anyOf(to: LocatedTerm, context: SearchContext): Condition {
  return { key: keyOf(to), documents: () => context.termDocuments(to), start: null, end: to };
}

/** Never met; it only raises the highest possible cost, so that scores compare between terms. */
function nothing(to: LocatedTerm, kind: string): Condition {
  return { key: `none|${kind}|${keyOf(to)}`, documents: () => new DocSet(), start: null, end: to };
}

function within(
  to: LocatedTerm,
  place: string,
  documentsOf: (word: string) => DocSet,
  context: SearchContext,
): Condition {
  return {
    key: `${place}|${keyOf(to)}`,
    start: null,
    end: to,
    documents: () => {
      const found = [...derivedWords(to).map(({ word }) => word), ...prefixedWords(to, context)].map(documentsOf);
      for (const phrase of phrasesOf(to)) {
        const first = phrase.find((part) => part !== null);
        if (first !== null && first !== undefined) found.push(context.phraseDocuments(phrase).and(documentsOf(first)));
      }
      return unionOf(found);
    },
  };
}

function prefixedWords(to: LocatedTerm, context: SearchContext): readonly string[] {
  const prefix = preparedPrefix(to);
  return prefix === null ? [] : context.index.words.wordsStartingWith(prefix.word);
}

function exactDocuments(exact: readonly (string | null)[] | null, to: LocatedTerm, context: SearchContext): DocSet {
  if (exact === null) return new DocSet();
  if (to.term.phrase !== null) return context.phraseDocuments(exact);
  return context.wordDocuments({ word: exact[0] ?? "", isDerived: false });
}

/** Documents where some word of the left term stands that near before one of the right term, or one step nearer after it. */
function nearDocuments(left: LocatedTerm, right: LocatedTerm, cost: number, context: SearchContext): DocSet {
  const size = sizeOf(right);
  const forward = 1 + cost - size;
  const backward = cost - size;
  const found: DocSet[] = [];
  const lefts = [
    ...derivedWords(left).map(({ word }) => ({ word, phrase: null })),
    ...phrasesOf(left).flatMap((phrase) => wordOf(phrase.at(-1), phrase)),
  ];
  const rights = [
    ...derivedWords(right).map(({ word }) => ({ word, phrase: null })),
    ...phrasesOf(right).flatMap((phrase) => wordOf(phrase[0], phrase)),
  ];
  const prefix = preparedPrefix(right);
  const byWord = context.index.settings.proximityPrecision === "byWord";
  for (const { word, phrase } of lefts) {
    const among = phrase === null ? null : context.phraseDocuments(phrase);
    const keep = (documents: DocSet): void => void found.push(among === null ? documents : documents.and(among));
    if (prefix !== null) {
      if (byWord) keep(context.index.words.prefixPairs(word, prefix.word, forward));
      else
        for (const longer of context.index.words.wordsStartingWith(prefix.word))
          keep(context.pairDocuments(word, longer, 0));
      if (phrase === null) keep(context.pairDocuments(prefix.word, word, backward));
    }
    for (const other of rights) {
      const both = (documents: DocSet): void =>
        keep(other.phrase === null ? documents : documents.and(context.phraseDocuments(other.phrase)));
      both(context.pairDocuments(word, other.word, forward));
      if (backward >= 1 && phrase === null && other.phrase === null)
        both(context.pairDocuments(other.word, word, backward));
    }
  }
  return unionOf(found);
}

function wordOf(
  word: string | null | undefined,
  phrase: readonly (string | null)[],
): { word: string; phrase: readonly (string | null)[] }[] {
  return word === null || word === undefined ? [] : [{ word, phrase }];
}

function positionCost(distance: number): number {
  const limits = [0, 1, 4, 7, 11, 16, 24, 64, 256, 1024];
  const cost = limits.findIndex((limit) => distance <= limit);
  return cost === -1 ? POSITION_COST_MAX : cost;
}
