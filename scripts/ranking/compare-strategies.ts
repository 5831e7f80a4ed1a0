/**
 * How near every merge strategy comes to a single node: the answers of a recording (`record.ts`) merged by each of them
 * and compared with the recorded answer of the whole. `compare-strategies.ts FILE [ROWS]`; one line of JSON on stdout,
 * one line per query and strategy in ROWS.
 */
import { writeFileSync } from "node:fs";
import { MERGE_STRATEGIES, type MergeStrategyName } from "../../src/core/merge/ranking.ts";
import { mergeRecorded } from "../../tests/golden/merge-recorded.ts";
import { ids, readRecording, type RecordedQuery, type Recording } from "../../tests/golden/recording.ts";
import { QUERY_KINDS } from "./queries.ts";
import { agreement, summarise, type Agreement, type Ranked } from "./rank-agreement.ts";

const [file = "tests/golden/skewed-corpus.json.zst", rowsFile] = process.argv.slice(2);
const recording = await readRecording(file);

interface Row {
  readonly strategy: string;
  readonly query: RecordedQuery;
  readonly found: Agreement;
}

const rows: Row[] = [];
for (const query of recording.queries) {
  const whole = rankedBy(recording, query);
  const add = (strategy: string, order: readonly number[], by: readonly Ranked[] = whole): void => {
    rows.push({ strategy, query, found: agreement(by, order, { compared: recording.limit }) });
  };
  for (const strategy of MERGE_STRATEGIES) add(strategy, merged(query, strategy));
  add("score, ties by shard", merged(query, "score", false));
  if (query.frequency === undefined) continue;
  const { whole: wanted, own, global } = query.frequency;
  // Judgements were not kept here: every place counts.
  const strict = wanted.map((id) => ({ id, judgement: String(id) }));
  add("matchingStrategy frequency, words dropped by each shard's own counts", own, strict);
  add("matchingStrategy frequency, words dropped by the counts of all shards", global, strict);
}
if (rowsFile !== undefined) writeFileSync(rowsFile, rowsText());
const { queries: _queries, judgements: _judgements, ...facts } = recording;
console.log(JSON.stringify({ ...facts, compared: recording.limit, strategies: table() }, null, 1));

function merged(query: RecordedQuery, strategy: MergeStrategyName, placed = true): readonly number[] {
  return mergeRecorded(recording, query, { strategy, from: 0, count: recording.limit, placed }).ids;
}

function rankedBy({ judgements }: Recording, { whole }: RecordedQuery): readonly Ranked[] {
  return ids(whole).map((id, place) => ({ id, judgement: judgements[whole.hits[2 * place + 1]!]! }));
}

function table(): object {
  const strategies = [...new Set(rows.map(({ strategy }) => strategy))];
  return Object.fromEntries(
    strategies.map((strategy) => {
      const own = rows.filter((row) => row.strategy === strategy);
      const kinds = QUERY_KINDS.flatMap((kind) => {
        const found = own.filter((row) => row.query.kind === kind).map((row) => row.found);
        return found.length === 0 ? [] : [[kind, summarise(found)] as const];
      });
      return [strategy, { all: summarise(own.map(({ found }) => found)), ...Object.fromEntries(kinds) }];
    }),
  );
}

function rowsText(): string {
  const lines = rows.map(({ strategy, query, found }) =>
    [strategy, query.kind, query.q, query.filter ?? "", found.tau.toFixed(4), found.top10, found.firstDifference].join(
      "\t",
    ),
  );
  return `strategy\tkind\tq\tfilter\ttau\ttop10\tfirst_difference\n${lines.join("\n")}\n`;
}
