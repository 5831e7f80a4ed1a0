/** Which of the listed differences explains two unequal facet distributions, if any does. */
import { canonical, member, type Exact } from "./exact-json.ts";
import { explainedByLoss, type Pairs, type Truth } from "./judge-lost.ts";
import type { Comparison, Verdict } from "./verdict.ts";
import { EQUAL, worst } from "./verdict.ts";

export interface FacetFacts {
  /** `maxValuesPerFacet`. */
  readonly valuesMax: number;
  /** Does the index sort the values of this field by count? */
  readonly byCount: (field: string) => boolean;
  /** Does the field hold numbers and also strings that look like numbers? */
  readonly mixed: (field: string) => boolean;
  readonly truth: Truth;
  /** Are there documents with this number, and are there some with this very text? */
  readonly kinds: (field: string, value: string) => Promise<{ readonly number: boolean; readonly text: boolean }>;
}

export async function judgeFacets(
  left: Exact | undefined,
  right: Exact | undefined,
  facts: FacetFacts,
): Promise<Comparison> {
  if (left?.kind !== "object" || right?.kind !== "object") {
    return left === right ? EQUAL : { verdict: "different", difference: "only one answer has facets" };
  }
  const fields = [...new Set([...left.members.keys(), ...right.members.keys()])];
  const [leftFields, rightFields] = [[...left.members.keys()].join(), [...right.members.keys()].join()];
  if (leftFields !== rightFields) {
    return { verdict: "different", difference: `facet fields ${leftFields} against ${rightFields}` };
  }
  const judged = fields.map((field) =>
    judgeField(field, pairs(member(left, field)), pairs(member(right, field)), facts),
  );
  return worst(await Promise.all(judged));
}

async function judgeField(field: string, left: Pairs, right: Pairs, facts: FacetFacts): Promise<Comparison> {
  if (String(left) === String(right)) return EQUAL;
  const say = (verdict: Verdict): Comparison => ({
    verdict,
    difference: `facet ${field}: ${text(left)} against ${text(right)}`,
  });
  if (facts.byCount(field) && sameButTies(left, right)) return say("facet_ties");
  if (String(folded(left)) === String(folded(right))) return say("facet_spelling");
  if (facts.mixed(field) && (await differsInMixed(field, left, right, facts))) return say("facet_mixed");
  if (facts.byCount(field) && sameButTies(folded(left), folded(right))) return say("facet_spelling");
  const full = Math.max(left.length, right.length) >= facts.valuesMax;
  if (facts.byCount(field)) {
    const loss = await explainedByLoss(field, left, right, { full, truth: facts.truth });
    if (loss === "lost") return say("facet_lost");
    // Where numbers alone fill the list the engine lets some strings through, and which depends on its tree.
    if (loss === "moved") return say("facet_ties");
  }
  return say("different");
}

/** Only counts of keys that are a number and a text, or what they have pushed out at the end of a full list. */
async function differsInMixed(field: string, left: Pairs, right: Pairs, facts: FacetFacts): Promise<boolean> {
  const [a, b] = [texts(left), texts(right)];
  const length = Math.min(a.length, b.length);
  const [shorter, longer] = [a.slice(0, length), b.slice(0, length)];
  const alike = String(shorter) === String(longer) || (facts.byCount(field) && sameButTies(shorter, longer));
  if (!alike) return false;
  const [single, miroir] = [new Map(left), new Map(right)];
  const keys = [...new Set([...single.keys(), ...miroir.keys()])].filter((key) => LOOKS_LIKE_NUMBER.test(key));
  const kinds = await Promise.all(keys.map((key) => facts.kinds(field, key)));
  const seen = { number: kinds.some(({ number }) => number), text: kinds.some(({ text }) => text) };
  // A key that is both takes two places of the list.
  const both = kinds.filter(({ number, text }) => number && text).length;
  const full = Math.max(left.length, right.length) + both >= facts.valuesMax;
  for (const [i, key] of keys.entries()) {
    const [own, other] = [single.get(key), miroir.get(key)];
    const pushedOut = full && (own === undefined || other === undefined);
    if (own !== other && !(kinds[i]!.number && kinds[i]!.text) && !pushedOut) return false;
  }
  // Then they may also stand in other places.
  return seen.number && seen.text;
}

function texts(list: Pairs): Pairs {
  return folded(list.filter(([value]) => !LOOKS_LIKE_NUMBER.test(value)));
}

export const LOOKS_LIKE_NUMBER = /^-?\d+(?:\.\d+)?$/;

/** Position by position the counts are the same, and values only trade places with values of the same count. */
function sameButTies(left: Pairs, right: Pairs): boolean {
  if (left.length !== right.length) return false;
  if (!left.every(([, count], position) => right[position]?.[1] === count)) return false;
  const counts = new Map(left);
  const lowest = Math.min(...left.map(([, count]) => count));
  return right.every(([value, count]) => counts.get(value) === count || (!counts.has(value) && count === lowest));
}

function folded(pairs: Pairs): Pairs {
  return pairs.map(([value, count]) => [value.normalize("NFKD").trim().toLowerCase(), count] as const);
}

function pairs(values: Exact | undefined): Pairs {
  if (values?.kind !== "object") return [];
  return [...values.members].map(([value, count]) => [value, Number(canonical(count, () => false))]);
}

function text(list: Pairs): string {
  const shown = list.slice(0, 30).map(([value, count]) => `${value}:${count}`);
  return `{${shown.join(" ")}${list.length > 30 ? " …" : ""}}`;
}
