/**
 * The facet values that nodes found as one list: counts are added per value, and order and cut are the engine's. In
 * alphabetical order the engine goes by a form of the values that it does not show, so the nodes' own lists decide
 * wherever they say which of two values goes first, and an approximation of that form only where none of them does.
 */
import { compareText } from "../json/compare-text.ts";
import type { FacetOrder, SpellingChoice, SpellingDispute } from "./facets.ts";
import { normalizeValue } from "./normalize-value.ts";

export interface FacetHit {
  readonly value: string;
  readonly count: number;
}

/** A node's answer. */
export interface NodeFacetHits {
  readonly hits: readonly FacetHit[];
  /** `processingTimeMs` */
  readonly timeMs: number;
}

export interface MergeFacetHitsInput {
  /** In the order in which the nodes listed them. */
  readonly lists: readonly (readonly FacetHit[])[];
  readonly order: FacetOrder;
  /** Did the client ask for values that begin with a text? The engine then walks through them in another order. */
  readonly searched: boolean;
  readonly valuesMax: number;
  /** Everything that says how values are spelled, the lists among it; disputes name positions in it. */
  readonly spelled: readonly (readonly FacetHit[])[];
  readonly field: string;
  readonly choose?: SpellingChoice;
}

export interface MergedFacetHits {
  readonly hits: readonly FacetHit[];
  /** Values that nodes spell differently and that are listed or might be; at most `DISPUTES_MAX`. */
  readonly disputes: readonly SpellingDispute[];
}

/** null: not what the engine answers to a facet search. */
export function readFacetHits(text: string): NodeFacetHits | null {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof answer !== "object" || answer === null) return null;
  const { facetHits, processingTimeMs } = answer as Readonly<Record<string, unknown>>;
  if (!Array.isArray(facetHits) || typeof processingTimeMs !== "number") return null;
  const hits: FacetHit[] = [];
  for (const hit of facetHits as readonly unknown[]) {
    if (typeof hit !== "object" || hit === null) return null;
    const { value, count } = hit as Readonly<Record<string, unknown>>;
    if (typeof value !== "string" || typeof count !== "number") return null;
    hits.push({ value, count });
  }
  return { hits, timeMs: processingTimeMs };
}

export function mergeFacetHits(input: MergeFacetHitsInput): MergedFacetHits {
  const counts = new Map<string, number>();
  for (const list of input.lists) {
    for (const { value, count } of list) {
      const key = normalizeValue(value);
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  const compare = byForm(input.searched ? foldedForm : normalizeValue);
  const spellings = collectSpellings(input, counts);
  const shown = new Map<string, string>();
  const disputes = new Map<string, SpellingDispute>();
  for (const [key, known] of spellings) {
    const [first] = known.values();
    shown.set(key, first!);
    if (new Set(known.values()).size === 1) continue;
    const dispute = { field: input.field, spellings: quoted(known) };
    disputes.set(key, dispute);
    const chosen = known.get(input.choose?.(dispute) ?? -1);
    if (chosen !== undefined) shown.set(key, chosen);
  }
  const countOf = (key: string): number => counts.get(key)!;
  const keys =
    input.order === "count"
      ? mostFrequent([...counts.keys()].sort(compare), { countOf, shown, max: input.valuesMax })
      : inOrderOfLists(
          input.lists.map((list) => list.map(({ value }) => normalizeValue(value))),
          compare,
          input.valuesMax,
        );
  const last = keys.at(-1);
  // Among equally frequent values their spelling decides which are listed.
  const isOpen = (key: string): boolean =>
    input.order === "count" && last !== undefined && countOf(key) === countOf(last);
  const listed = new Set(keys);
  return {
    hits: keys.map((key) => ({ value: shown.get(key)!, count: countOf(key) })),
    disputes: [...disputes]
      .filter(([key]) => listed.has(key) || isOpen(key))
      .slice(0, DISPUTES_MAX)
      .map(([, dispute]) => dispute),
  };
}

type Spellings = ReadonlyMap<number, string>;

/** By value and position. */
function collectSpellings(
  { spelled }: MergeFacetHitsInput,
  counts: ReadonlyMap<string, number>,
): Map<string, Spellings> {
  const spellings = new Map<string, Map<number, string>>();
  for (const [position, values] of spelled.entries()) {
    for (const { value } of values) {
      const key = normalizeValue(value);
      if (!counts.has(key)) continue;
      const known = spellings.get(key);
      if (known === undefined) spellings.set(key, new Map([[position, value]]));
      else known.set(position, value);
    }
  }
  return spellings;
}

function quoted(spellings: Spellings): Spellings {
  return new Map([...spellings].map(([position, value]) => [position, JSON.stringify(value)]));
}

type Compare = (a: string, b: string) => number;

function byForm(form: (key: string) => string): Compare {
  const forms = new Map<string, string>();
  const formOf = (key: string): string => {
    let known = forms.get(key);
    if (known === undefined) forms.set(key, (known = form(key)));
    return known;
  };
  return (a, b) => compareText(formOf(a), formOf(b)) || compareText(a, b);
}

/**
 * One order that contradicts none of the lists: the first by its form among the values that no list has behind
 * another one.
 */
function inOrderOfLists(lists: readonly (readonly string[])[], compare: Compare, max: number): readonly string[] {
  const holders = new Map<string, number>();
  for (const list of lists) for (const key of list) holders.set(key, (holders.get(key) ?? 0) + 1);
  const next = lists.map(() => 0);
  const merged = new Set<string>();
  while (merged.size < max) {
    const heads = lists.flatMap((list, i) => {
      while (next[i]! < list.length && merged.has(list[next[i]!]!)) next[i]! += 1;
      return next[i]! < list.length ? [list[next[i]!]!] : [];
    });
    if (heads.length === 0) break;
    const free = heads.filter((key) => heads.filter((head) => head === key).length === holders.get(key));
    // Nodes that contradict each other have other settings, which cannot last.
    merged.add((free.length > 0 ? free : heads).reduce((a, b) => (compare(a, b) <= 0 ? a : b)));
  }
  return [...merged];
}

interface Ranking {
  readonly countOf: (key: string) => number;
  readonly shown: ReadonlyMap<string, string>;
  readonly max: number;
}

/**
 * As the engine keeps the most frequent values while it walks through all of them: a value takes the place of the least
 * one that is kept, also if both are equally frequent.
 */
function mostFrequent(keys: readonly string[], { countOf, shown, max }: Ranking): readonly string[] {
  const compare: Compare = (a, b) => countOf(a) - countOf(b) || compareText(shown.get(a)!, shown.get(b)!);
  /** The least first. */
  const kept: string[] = [];
  for (const key of keys) {
    if (kept.length === max) {
      const least = kept[0];
      if (least === undefined || countOf(least) > countOf(key)) continue;
      kept.shift();
    }
    insert(kept, key, compare);
  }
  return kept.reverse();
}

function insert(kept: string[], key: string, compare: Compare): void {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(kept[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  kept.splice(low, 0, key);
}

/** Close to how the engine writes a word before it looks it up: without accents, ligatures apart. */
function foldedForm(key: string): string {
  return key
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase()
    .replace(/æ/g, "ae")
    .replace(/œ/g, "oe");
}

/** Each costs the nodes one more small request; values beyond keep the first spelling. */
const DISPUTES_MAX = 16;
