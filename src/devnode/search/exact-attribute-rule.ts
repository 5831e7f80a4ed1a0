/** First documents with an attribute that is exactly the query, then those with one that begins with it, then the rest. */
import { DocSet, unionOf } from "../doc-set.ts";
import { bucketedPosition } from "../index/word-index.ts";
import type { QueryGraph } from "./query-graph.ts";
import { exactTerm, type LocatedTerm, type Phrase } from "./query-term.ts";
import type { Bucket, RankingRule } from "./ranking-rule.ts";
import type { SearchContext } from "./search-context.ts";

interface AttributeMatches {
  readonly startsWith: DocSet;
  readonly sameLength: DocSet;
}

const LENGTH_MAX = 255;

export function exactAttributeRule(context: SearchContext): RankingRule {
  let step = 0;
  let matches: readonly AttributeMatches[] = [];
  let current: QueryGraph | null = null;
  const bucket = (documents: DocSet, match: "exactMatch" | "matchesStart" | "noExactMatch"): Bucket => ({
    documents,
    graph: current,
    score: { kind: "exactAttribute", match },
  });
  return {
    start(universe, graph) {
      current = graph;
      matches = graph === null ? [] : findMatches(graph, universe, context);
      step = matches.length === 0 ? 2 : 0;
    },
    next(universe) {
      step += 1;
      if (step === 1) {
        return bucket(
          unionOf(matches.map((match) => match.startsWith.and(match.sameLength))).and(universe),
          "exactMatch",
        );
      }
      if (step === 2) {
        return bucket(
          unionOf(matches.map((match) => match.startsWith.minus(match.sameLength))).and(universe),
          "matchesStart",
        );
      }
      return bucket(universe, "noExactMatch");
    },
  };
}

function findMatches(graph: QueryGraph, universe: DocSet, context: SearchContext): AttributeMatches[] {
  const terms = exactTerms(graph);
  if (terms === null) return [];
  const { words } = context.index;
  let candidates = universe;
  for (const { phrase, from } of terms) {
    for (const [offset, word] of phrase.entries()) {
      if (word !== null) candidates = candidates.and(context.positionDocuments(word, bucketedPosition(from + offset)));
    }
  }
  if (candidates.isEmpty) return [];
  const length = terms.reduce((sum, { to, from }) => sum + to - from + 1, 0);
  const found: AttributeMatches[] = [];
  for (const [field, name] of context.index.fields.entries()) {
    if (context.index.weightOf(name) === null) continue;
    const holders = terms.flatMap(({ phrase }) =>
      phrase.flatMap((word) => (word === null ? [] : [context.fieldDocuments(word, field)])),
    );
    const startsWith = holders.reduce((all, documents) => all.and(documents), candidates);
    if (startsWith.isEmpty) continue;
    found.push({
      startsWith,
      sameLength: length < LENGTH_MAX ? words.documentsWithLength(field, length) : new DocSet(),
    });
  }
  return found;
}

interface ExactTerm {
  readonly phrase: Phrase;
  readonly from: number;
  readonly to: number;
  readonly id: number;
}

/** The exact form of each query word, one per place; null when the first is missing or there is a hole. */
function exactTerms(graph: QueryGraph): ExactTerm[] | null {
  const byId = new Map<number, ExactTerm>();
  const terms = graph.terms.filter((term): term is LocatedTerm => term !== null);
  for (const term of terms) {
    const phrase = exactTerm(term);
    if (phrase !== null && !byId.has(term.firstId))
      byId.set(term.firstId, { phrase, from: term.from, to: term.to, id: term.firstId });
  }
  const sorted = [...byId.values()].sort((a, b) => a.id - b.id);
  return sorted.length === 0 || sorted.some(({ id }, at) => id !== at) ? null : sorted;
}
