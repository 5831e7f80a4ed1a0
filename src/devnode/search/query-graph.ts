/** All the ways to read a query: a graph from start to end whose nodes are terms. */
import { DocSet, unionOf } from "../doc-set.ts";
import type { ParsedQuery } from "./parse-query.ts";
import { keyOf, type LocatedTerm } from "./query-term.ts";
import type { SearchContext } from "./search-context.ts";

export const START = 0;
export const END = 1;

export interface QueryGraph {
  /** By node number; start, end and removed nodes are null. */
  readonly terms: readonly (LocatedTerm | null)[];
  readonly successors: readonly ReadonlySet<number>[];
}

export type MatchingStrategy = "last" | "all" | "frequency";

/** Every term, and every joined word, followed by whatever starts after it. */
export function buildQueryGraph({ terms, ngrams }: ParsedQuery): QueryGraph {
  const ordered: (LocatedTerm | null)[] = [null, null];
  for (const [at, term] of terms.entries()) {
    ordered.push(term, ...ngrams.filter(({ lastId }) => lastId === at).sort((a, b) => b.firstId - a.firstId));
  }
  const successors = ordered.map((node, at) => {
    if (at === END) return new Set<number>();
    const end = node === null ? -1 : node.lastId;
    const next = ordered.flatMap((other, number) =>
      other !== null && other.firstId > end ? [{ number, first: other.firstId }] : [],
    );
    const nearest = Math.min(...next.map(({ first }) => first));
    const found = next.filter(({ first }) => first === nearest).map(({ number }) => number);
    return new Set(found.length === 0 ? [END] : found);
  });
  return { terms: ordered, successors };
}

/** Groups of nodes in the order in which the strategy gives them up; the last group that could be given up stays. */
export function removalOrder(
  graph: QueryGraph,
  strategy: MatchingStrategy,
  context: SearchContext,
): ReadonlySet<number>[] {
  const nodes = graph.terms.flatMap((term, node) => (term === null ? [] : [{ term, node }]));
  const cost = strategy === "frequency" ? frequencyCost(nodes, context) : lastCost(nodes);
  if (strategy === "all" || cost === null) return [];
  const groups = new Map<number, Set<number>>();
  let hasMandatory = false;
  for (const { term, node } of nodes) {
    if ((term.term.phrase !== null && term.zeroTypo !== "none") || term.isMandatory) {
      hasMandatory = true;
      continue;
    }
    let highest = 0;
    for (let id = term.firstId; id <= term.lastId; id += 1) highest = Math.max(highest, cost(id));
    groups.set(highest, (groups.get(highest) ?? new Set()).add(node));
  }
  const order = [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
  return hasMandatory ? order : order.slice(0, -1);
}

/** The documents that match some path once everything that may be given up has been. */
export function reducedDocuments(
  graph: QueryGraph,
  strategy: MatchingStrategy,
  universe: DocSet,
  context: SearchContext,
): DocSet {
  const gone = new Set(removalOrder(graph, strategy, context).flatMap((group) => [...group]));
  const memo = new Map<number, DocSet>();
  const toEnd = (node: number): DocSet => {
    let found = memo.get(node);
    if (found !== undefined) return found;
    found = node === END ? universe : unionOf([...(graph.successors[node] ?? [])].map(toEnd));
    const term = graph.terms[node] ?? null;
    if (term !== null && !gone.has(node)) found = found.and(context.termDocuments(term));
    memo.set(node, found);
    return found;
  };
  return toEnd(START);
}

/** The subgraph that a rule actually used: one chain of nodes per path, shared from the end backwards. */
export function graphOfPaths(
  paths: readonly (readonly { readonly start: LocatedTerm | null; readonly end: LocatedTerm }[])[],
): QueryGraph {
  const terms: (LocatedTerm | null)[] = [null, null];
  const successors: Set<number>[] = [new Set(), new Set()];
  const known = new Map<string, number>();
  for (const path of paths) {
    const chain = chainOf(path);
    let suffix = "";
    const nodes: number[] = [];
    const keys = chain.map(keyOf);
    const suffixes = keys.map(() => "");
    for (let at = keys.length - 1; at >= 0; at -= 1) {
      suffix = `${keys[at] ?? ""}|${suffix}`;
      suffixes[at] = suffix;
    }
    for (const [at, term] of chain.entries()) {
      let node = known.get(suffixes[at] ?? "");
      if (node === undefined) {
        node = terms.push(term) - 1;
        successors.push(new Set());
        known.set(suffixes[at] ?? "", node);
      }
      nodes.push(node);
    }
    let previous = START;
    for (const node of [...nodes, END]) {
      successors[previous]?.add(node);
      previous = node;
    }
  }
  return { terms, successors: successors.map((set) => new Set([...set].sort((a, b) => a - b))) };
}

function chainOf(path: readonly { readonly start: LocatedTerm | null; readonly end: LocatedTerm }[]): LocatedTerm[] {
  const chain: LocatedTerm[] = [];
  let previous: LocatedTerm | null = null;
  for (const { start, end } of path) {
    if (previous !== null && start !== null && sameTerms(start, previous)) chain.push(intersection(start, previous));
    else {
      if (previous !== null) chain.push(previous);
      if (start !== null) chain.push(start);
    }
    previous = end;
  }
  if (previous !== null) chain.push(previous);
  return chain;
}

function sameTerms(a: LocatedTerm, b: LocatedTerm): boolean {
  return a.firstId === b.firstId && a.lastId === b.lastId;
}

function intersection(a: LocatedTerm, b: LocatedTerm): LocatedTerm {
  const zeroTypo =
    a.zeroTypo === "all" ? b.zeroTypo : b.zeroTypo === "all" ? a.zeroTypo : b.zeroTypo === "none" ? "none" : a.zeroTypo;
  return { ...a, zeroTypo, oneTypo: a.oneTypo && b.oneTypo, twoTypos: a.twoTypos && b.twoTypos };
}

interface TermNode {
  readonly term: LocatedTerm;
}

function lastCost(nodes: readonly TermNode[]): ((id: number) => number) | null {
  const last = Math.max(0, ...nodes.map(({ term }) => term.lastId));
  const first = Math.min(255, ...nodes.map(({ term }) => term.firstId));
  return first >= last ? null : (id) => 1 + last - id;
}

/** The most frequent words are given up first; a word that occurs nowhere before all others. */
function frequencyCost(nodes: readonly TermNode[], context: SearchContext): (id: number) => number {
  const documents = new Map<number, DocSet>();
  for (const { term } of nodes) {
    const found = context.termDocuments(term);
    for (let id = term.firstId; id <= term.lastId; id += 1)
      documents.set(id, (documents.get(id) ?? new DocSet()).or(found));
  }
  const frequencies = [...documents]
    .sort(([a], [b]) => a - b)
    .map(([id, found]) => ({ id, frequency: found.size === 0 ? Infinity : found.size }))
    .sort((a, b) => (a.frequency === b.frequency ? 0 : b.frequency - a.frequency));
  const weights = new Map<number, number>();
  let weight = 1;
  for (const [at, { id, frequency }] of frequencies.entries()) {
    weights.set(id, weight);
    const next = frequencies[at + 1];
    if (next !== undefined && next.frequency !== frequency) weight += 1;
  }
  return (id) => weights.get(id) ?? 0;
}
