/**
 * Ranking by the cost of paths through the query graph. Each edge has a cost and a condition with the documents that
 * meet it; the documents of a cost are those of the paths that add up to it, and later rules see only those paths.
 */
import { DocSet } from "../doc-set.ts";
import { END, graphOfPaths, START, type QueryGraph } from "./query-graph.ts";
import { keyOf, sizeOf, type LocatedTerm } from "./query-term.ts";
import type { RankingRule } from "./ranking-rule.ts";
import type { ScoreDetail } from "./score-details.ts";

export interface Condition {
  /** Equal keys are the same condition. */
  readonly key: string;
  readonly documents: () => DocSet;
  /** What a path through the condition leaves of the node it comes from and of the one it goes to. */
  readonly start: LocatedTerm | null;
  readonly end: LocatedTerm;
}

export interface WeighedCondition {
  readonly cost: number;
  readonly condition: Condition;
}

export interface GraphRuleDefinition {
  readonly kind: Extract<ScoreDetail, { rank: unknown }>["kind"];
  readonly edges: (from: LocatedTerm | null, to: LocatedTerm) => WeighedCondition[];
  /** Nodes that may be skipped, in groups: a group only together with those before it. */
  readonly skippable?: (graph: QueryGraph) => readonly ReadonlySet<number>[];
}

interface Edge {
  readonly to: number;
  readonly cost: number;
  readonly condition: Condition | null;
  /** Nodes that have to be skipped as well when this edge skips one. */
  readonly skips: ReadonlySet<number>;
}

interface Walk {
  readonly path: Condition[];
  readonly skipped: ReadonlySet<number>;
  readonly documents: DocSet;
}

const NOTHING: ReadonlySet<number> = new Set();

export function createGraphRule(definition: GraphRuleDefinition): RankingRule {
  let edges: Edge[][] = [];
  let costs: number[][] = [];
  let nextCost = 0;
  let costLimit = 1;
  let resolved = new Map<string, DocSet>();
  let startUniverse = new DocSet();
  // The rule starts anew in every bucket of the rules before it; what only depends on the terms is found out once.
  const knownEdges = new Map<string, WeighedCondition[]>();
  const knownDocuments = new Map<string, DocSet>();
  const edgesBetween: GraphRuleDefinition["edges"] = (from, to) =>
    cached(knownEdges, `${from === null ? "" : keyOf(from)}>${keyOf(to)}`, () => definition.edges(from, to));

  return {
    start(universe, graph) {
      if (graph === null) return;
      const groups = definition.skippable?.(graph) ?? [];
      edges = buildEdges(graph, edgesBetween, groups);
      costs = costsToEnd(edges);
      costLimit = 1 + Math.max(0, ...(costs[START] ?? []));
      if (definition.skippable !== undefined) costLimit += Math.max(0, wordsInPhrases(graph) - 1);
      nextCost = 0;
      resolved = new Map();
      startUniverse = universe;
    },
    next(universe) {
      for (;;) {
        const cost = costs[START]?.find((candidate) => candidate >= nextCost);
        if (cost === undefined) return null;
        nextCost = cost + 1;
        const found = collect(universe, cost);
        if (found.documents.isEmpty) continue;
        const rank = { rank: costLimit - cost, max: costLimit };
        return { documents: found.documents, graph: graphOfPaths(found.paths), score: { kind: definition.kind, rank } };
      }
    },
  };

  /** Documents of all paths with exactly this cost; a path that adds no document is not used further. */
  function collect(universe: DocSet, cost: number): { documents: DocSet; paths: Condition[][] } {
    let left = universe;
    let documents = new DocSet();
    const paths: Condition[][] = [];
    let foundDead = false;

    const visit = (node: number, budget: number, walk: Walk): void => {
      for (const edge of edges[node] ?? []) {
        const rest = budget - edge.cost;
        if (rest < 0 || costs[edge.to]?.includes(rest) !== true) continue;
        if (left.isEmpty) return;
        if (edge.condition === null) {
          if (edge.to === END) finish(walk);
          else visit(edge.to, rest, { ...walk, skipped: union(walk.skipped, edge.skips) });
          continue;
        }
        if (walk.skipped.has(edge.to)) continue;
        const own = documentsOf(edge.condition);
        if (own.isEmpty) {
          foundDead = true;
          continue;
        }
        const narrowed = walk.documents.and(own).and(left);
        if (narrowed.isEmpty) continue;
        walk.path.push(edge.condition);
        visit(edge.to, rest, { ...walk, documents: narrowed });
        walk.path.pop();
      }
    };
    const finish = (walk: Walk): void => {
      const own = walk.documents.and(left);
      if (own.isEmpty) return;
      paths.push([...walk.path]);
      documents = documents.or(own);
      left = left.minus(own);
    };
    visit(START, cost, { path: [], skipped: NOTHING, documents: universe });
    if (foundDead) {
      edges = edges.map((list) =>
        list.filter(({ condition }) => condition === null || resolved.get(condition.key)?.isEmpty !== true),
      );
      costs = costsToEnd(edges);
    }
    return { documents, paths };
  }

  function documentsOf(condition: Condition): DocSet {
    return cached(resolved, condition.key, () =>
      cached(knownDocuments, condition.key, condition.documents).and(startUniverse),
    );
  }
}

function buildEdges(
  graph: QueryGraph,
  edgesBetween: GraphRuleDefinition["edges"],
  groups: readonly ReadonlySet<number>[],
): Edge[][] {
  const skips = new Map<number, ReadonlySet<number>>();
  let before = NOTHING;
  for (const group of groups) {
    for (const node of group) skips.set(node, before);
    before = union(before, group);
  }
  return graph.terms.map((from, node) => {
    const list: Edge[] = [];
    for (const to of graph.successors[node] ?? []) {
      const term = graph.terms[to] ?? null;
      if (term === null) {
        list.push({ to, cost: 0, condition: null, skips: NOTHING });
        continue;
      }
      const others = skips.get(to);
      if (others !== undefined) list.push({ to, cost: sizeOf(term), condition: null, skips: others });
      for (const { cost, condition } of edgesBetween(from, term)) list.push({ to, cost, condition, skips: NOTHING });
    }
    return list;
  });
}

/** For each node the costs that some path from it to the end may have, ascending. */
function costsToEnd(edges: readonly (readonly Edge[])[]): number[][] {
  const memo = new Map<number, number[]>([[END, [0]]]);
  const costsOf = (node: number): number[] => {
    let known = memo.get(node);
    if (known === undefined) {
      const found = new Set<number>();
      for (const { to, cost } of edges[node] ?? []) for (const rest of costsOf(to)) found.add(cost + rest);
      known = [...found].sort((a, b) => a - b);
      memo.set(node, known);
    }
    return known;
  };
  return edges.map((_, node) => costsOf(node));
}

function cached<T>(known: Map<string, T>, key: string, compute: () => T): T {
  let found = known.get(key);
  if (found === undefined) known.set(key, (found = compute()));
  return found;
}

function wordsInPhrases(graph: QueryGraph): number {
  let count = 0;
  for (const located of graph.terms) {
    if (located !== null && located.zeroTypo !== "none")
      count += located.term.phrase?.filter((word) => word !== null).length ?? 0;
  }
  return count;
}

function union(a: ReadonlySet<number>, b: ReadonlySet<number>): ReadonlySet<number> {
  return b.size === 0 ? a : new Set([...a, ...b]);
}
