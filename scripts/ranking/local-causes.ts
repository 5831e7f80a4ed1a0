/**
 * Why merged lists differ from those of a single node: for every query of a recording (`record.ts`) whether a shard
 * judged a document otherwise than the whole did, by which rule, whether totals differ, and what became of the order.
 * `local-causes.ts FILE`; JSON on stdout.
 */
import { readScoreDetails, type RankKey } from "../../src/core/merge/score-details.ts";
import { mergeRecorded } from "../../tests/golden/merge-recorded.ts";
import {
  ids,
  readRecording,
  type RecordedList,
  type RecordedQuery,
  type Recording,
} from "../../tests/golden/recording.ts";

const EXAMPLES_MAX = 25;
const [file = "tests/golden/skewed-corpus.json.zst"] = process.argv.slice(2);
const recording = await readRecording(file);

/** What a query shows, each counted once per query. */
interface Findings {
  queries: number;
  /** By the first rule for which a shard counts something else than the whole does. */
  judged_otherwise: Record<string, number>;
  total_differs: number;
  order_differs: { top_10: number; top_20: number; compared: number };
  /** The rule by which the document at the first difference of the order was judged otherwise. */
  order_differs_by: Record<string, number>;
}

const byKind = new Map<string, Findings>();
const examples: object[] = [];
for (const query of recording.queries) {
  for (const name of ["all", query.kind]) {
    const findings = byKind.get(name) ?? emptyFindings();
    byKind.set(name, findings);
    examine(query, findings, name === "all");
  }
}
console.log(
  JSON.stringify(
    { documents: recording.documents, shards: recording.shardSizes, ...Object.fromEntries(byKind), examples },
    null,
    1,
  ),
);

function emptyFindings(): Findings {
  return {
    queries: 0,
    judged_otherwise: {},
    total_differs: 0,
    order_differs: { top_10: 0, top_20: 0, compared: 0 },
    order_differs_by: {},
  };
}

function examine(query: RecordedQuery, findings: Findings, keepsExamples: boolean): void {
  findings.queries += 1;
  const rules = judgedOtherwise(recording, query);
  for (const rule of new Set(rules.values())) count(findings.judged_otherwise, rule);
  const { ids: given, total } = mergeRecorded(recording, query, {
    strategy: "details",
    from: 0,
    count: recording.limit,
  });
  if (total !== query.whole.total) findings.total_differs += 1;
  const wanted = ids(query.whole);
  const first = wanted.findIndex((id, place) => id !== given[place]);
  if (first === -1) return;
  findings.order_differs.compared += 1;
  if (first < 20) findings.order_differs.top_20 += 1;
  if (first < 10) findings.order_differs.top_10 += 1;
  const rule = rules.get(given[first] ?? -1) ?? rules.get(wanted[first]!) ?? "found by one of them only";
  count(findings.order_differs_by, rule);
  if (keepsExamples && examples.length < EXAMPLES_MAX) {
    examples.push({ q: query.q, filter: query.filter, kind: query.kind, first: first + 1, rule });
  }
}

/** Documents in both lists whose raw counts are not the same, with the rule. */
function judgedOtherwise(from: Recording, { whole, shards }: RecordedQuery): ReadonlyMap<number, string> {
  const wanted = keysOf(from, whole);
  const found = new Map<number, string>();
  for (const list of shards) {
    for (const [id, key] of keysOf(from, list)) {
      const other = wanted.get(id);
      const rule = other === undefined ? null : firstDifference(other, key);
      if (rule !== null) found.set(id, rule);
    }
  }
  return found;
}

function keysOf({ judgements }: Recording, { hits }: RecordedList): ReadonlyMap<number, RankKey> {
  const keys = new Map<number, RankKey>();
  for (let at = 0; at < hits.length; at += 2) {
    const text = judgements[hits[at + 1]!]!;
    keys.set(hits[at]!, readScoreDetails(text.slice(text.indexOf("{")))!);
  }
  return keys;
}

function firstDifference(a: RankKey, b: RankKey): string | null {
  for (const [order, rule] of a.entries()) {
    const other = b[order];
    if (rule !== undefined && (other?.first !== rule.first || other.second !== rule.second)) return rule.name;
  }
  return null;
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
