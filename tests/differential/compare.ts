/**
 * Is Miroir's answer the single node's answer? Byte for byte apart from what depends on the clock; else up to ties,
 * which are read from the single node's score details; else because a node itself judged a document differently.
 */
import { canonical, items, member, parseExact, without, type Exact } from "./exact-json.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type Verdict = "equal" | "errors_equal" | "equal_up_to_ties" | "engine_local" | "different";

export interface Comparison {
  readonly verdict: Verdict;
  /** What differs first, in a sentence; empty when nothing does. */
  readonly difference: string;
}

/** Members that tell about the run and not about the data. */
const VOLATILE: ReadonlySet<string> = new Set(["processingTimeMs", "requestUid", "performanceDetails"]);
/** Members of a hit that are computed by the query, not stored. */
const COMPUTED: ReadonlySet<string> = new Set(["_rankingScoreDetails", "_rankingScore"]);
const NOT_HITS: ReadonlySet<string> = new Set(["hits"]);

/**
 * `singleDetails` and `miroirDetails` are the same search with `showRankingScoreDetails` and a wider window; they are
 * asked for only when the plain answers differ.
 */
export async function compare(
  single: Answer,
  miroir: Answer,
  details: () => Promise<{ readonly single: Answer; readonly miroir: Answer } | undefined>,
): Promise<Comparison> {
  if (single.status !== miroir.status) {
    return different(
      `status ${single.status} against ${miroir.status}: ${clip(single.text)} against ${clip(miroir.text)}`,
    );
  }
  if (single.status >= 400) {
    const same = normal(parseExact(single.text)) === normal(parseExact(miroir.text));
    return same ? { verdict: "errors_equal", difference: "" } : different(firstDifference(single.text, miroir.text));
  }
  if (single.text === "" || miroir.text === "") {
    return single.text === miroir.text ? equal : different("one of the answers has no body");
  }
  const left = parseExact(single.text);
  const right = parseExact(miroir.text);
  if (normal(left) === normal(right)) return equal;
  const difference = firstDifference(single.text, miroir.text);
  const wide = await details();
  if (wide === undefined || wide.single.status !== 200 || wide.miroir.status !== 200) return different(difference);
  return judgeWithDetails(left, right, parseExact(wide.single.text), parseExact(wide.miroir.text), difference);
}

const equal: Comparison = { verdict: "equal", difference: "" };
const different = (difference: string): Comparison => ({ verdict: "different", difference });

function judgeWithDetails(
  left: Exact,
  right: Exact,
  wideLeft: Exact,
  wideRight: Exact,
  difference: string,
): Comparison {
  const rest = normal(without(left, NOT_HITS)) === normal(without(right, NOT_HITS));
  if (rest && equalUpToTies(left, right, wideLeft)) return { verdict: "equal_up_to_ties", difference };
  if (judgedDifferently(wideLeft, wideRight)) return { verdict: "engine_local", difference };
  return different(difference);
}

/** Position by position, the two hits are the same or tie on every rule of the single node. */
function equalUpToTies(left: Exact, right: Exact, wideLeft: Exact): boolean {
  const leftHits = items(member(left, "hits"));
  const rightHits = items(member(right, "hits"));
  if (leftHits.length !== rightHits.length) return false;
  const tieOf = new Map(items(member(wideLeft, "hits")).map((hit) => [identity(hit), detailsOf(hit)]));
  const content = new Map(leftHits.map((hit) => [identity(hit), normal(hit)]));
  const seen = new Set<string>();
  return rightHits.every((hit, position) => {
    const expected = leftHits[position] as Exact;
    const id = identity(hit);
    if (seen.has(id)) return false;
    seen.add(id);
    const sameTie = tieOf.get(id) !== undefined && tieOf.get(id) === tieOf.get(identity(expected));
    const known = content.get(id);
    return sameTie && (known === undefined || known === normal(hit));
  });
}

/** Does some document carry other raw details on its shard than on the single node? */
function judgedDifferently(wideLeft: Exact, wideRight: Exact): boolean {
  const leftDetails = new Map(items(member(wideLeft, "hits")).map((hit) => [identity(hit), detailsOf(hit)]));
  return items(member(wideRight, "hits")).some((hit) => {
    const known = leftDetails.get(identity(hit));
    return known !== undefined && known !== detailsOf(hit);
  });
}

function detailsOf(hit: Exact): string {
  return normal(member(hit, "_rankingScoreDetails") ?? { kind: "plain", value: null });
}

/** The stored document itself identifies it: a corpus has no two equal documents. */
function identity(hit: Exact): string {
  const id = member(hit, "id");
  return id === undefined ? normal(without(hit, COMPUTED)) : normal(id);
}

/** Facets are compared in order, everything else is not; volatile members are dropped at the top level. */
function normal(value: Exact): string {
  return canonical(without(value, VOLATILE), (path) => path.includes("facetDistribution"));
}

export function firstDifference(left: string, right: string): string {
  let at = 0;
  const [a, b] = [strip(left), strip(right)];
  while (at < a.length && a[at] === b[at]) at += 1;
  const from = Math.max(0, at - 60);
  return `…${a.slice(from, at + 90)}… against …${b.slice(from, at + 90)}…`;
}

function strip(text: string): string {
  return text.replaceAll(/"(processingTimeMs|requestUid)":("[^"]*"|\d+),?/g, "");
}

function clip(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
