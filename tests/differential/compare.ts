/**
 * Is Miroir's answer the single node's answer? Byte for byte apart from what depends on the clock and from key order
 * inside hits. What is not equal is given to a judge, who may ask both sides and the nodes again.
 */
import { canonical, items, member, parseExact, withMember, without, type Exact } from "./exact-json.ts";
import { EQUAL, worst, type Comparison } from "./verdict.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** Judges two answers that are not equal. */
export interface Judge {
  /** `position` is that of the query in a multi-search. */
  search(left: Exact, right: Exact, position: number | null): Promise<Comparison>;
  documents(left: Exact, right: Exact): Promise<Comparison>;
  facetSearch(left: Exact, right: Exact): Promise<Comparison>;
  /**
   * One side refuses what the other answers: a filter is not looked at further where nothing is left to be found, so what is
   * wrong with its end shows only where a comparison has found something.
   */
  refused(difference: string): Promise<Comparison>;
  /** The single node has run into a fault of its own, and Miroir answers without the shards whose nodes do. */
  failed(difference: string): Promise<Comparison>;
}

/** Members that tell about the run and not about the data. */
const VOLATILE: ReadonlySet<string> = new Set(["processingTimeMs", "requestUid", "performanceDetails"]);
const VOLATILE_METADATA: ReadonlySet<string> = new Set(["queryUid"]);

export async function compare(single: Answer, miroir: Answer, judge: Judge): Promise<Comparison> {
  if (single.status !== miroir.status) {
    const difference = `status ${single.status} against ${miroir.status}: ${clip(single.text)} against ${clip(miroir.text)}`;
    if (miroir.status === NOT_SUPPORTED) return { verdict: "not_supported", difference };
    const isPartial = single.status === INTERNAL && miroir.headers.has("x-miroir-degraded");
    return isPartial ? judge.failed(difference) : judge.refused(difference);
  }
  if (single.text === "" || miroir.text === "") {
    return single.text === miroir.text ? EQUAL : different("one of the answers has no body");
  }
  const left = parseExact(single.text);
  const right = parseExact(miroir.text);
  const same = normal(left) === normal(right);
  if (single.status >= 400) {
    return same ? { verdict: "errors_equal", difference: "" } : different(firstDifference(left, right));
  }
  if (same) return EQUAL;
  const results = items(member(left, "results"));
  if (member(left, "hits") !== undefined) return judge.search(left, right, null);
  if (member(left, "facetHits") !== undefined) return judge.facetSearch(left, right);
  if (member(left, "total") !== undefined) return judge.documents(left, right);
  if (results.length === 0 || member(results[0], "hits") === undefined) return different(firstDifference(left, right));
  const others = items(member(right, "results"));
  if (results.length !== others.length) return different("another number of results");
  const judged = results.map((result, position) =>
    normal(result) === normal(others[position] as Exact)
      ? Promise.resolve(EQUAL)
      : judge.search(result, others[position] as Exact, position),
  );
  return worst(await Promise.all(judged));
}

/** Miroir says itself that it cannot answer this; each case has its line in `docs/differences.md`. */
const NOT_SUPPORTED = 501;
const INTERNAL = 500;

export const different = (difference: string): Comparison => ({ verdict: "different", difference });

/** One text per answer. Facets are compared in order, everything else by name; volatile members are left out. */
export function normal(value: Exact): string {
  return canonical(stable(value), (path) =>
    /^(\.results\[\])?\.(facetDistribution|facetsByIndex\.[^.]+\.distribution)/.test(path),
  );
}

function stable(value: Exact): Exact {
  let kept = without(value, VOLATILE);
  const metadata = member(kept, "metadata");
  if (metadata !== undefined && member(metadata, "queryUid") !== undefined) {
    kept = withMember(kept, "metadata", without(metadata, VOLATILE_METADATA));
  }
  const results = member(kept, "results");
  if (results?.kind === "array" && member(results.items[0], "hits") !== undefined) {
    kept = withMember(kept, "results", { kind: "array", items: results.items.map(stable) });
  }
  return kept;
}

export function firstDifference(left: Exact, right: Exact): string {
  const [a, b] = [normal(left), normal(right)];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const from = Math.max(0, at - 60);
  return `…${a.slice(from, at + 90)}… against …${b.slice(from, at + 90)}…`;
}

function clip(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
