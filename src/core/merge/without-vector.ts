/**
 * A document without a vector stands in the list by meaning behind those that the same sort criteria put in front of
 * nearness. A node prints it as a hit by words, because its words, or else its hidden rule, beat a similarity that is
 * nothing. Here it becomes what the list by meaning has there; where it has words, the list by words has it as well, and
 * there it goes first.
 */
import { MALFORMED, readObject } from "../json/scan.ts";
import { SEQUENCE_RULE } from "../markers/fields.ts";
import { lastMember, memberText, type Hit } from "./hit-cursor.ts";
import { DETAILS_FIELD, SCORE_FIELD } from "./render-hit.ts";

/** `sortsBefore`: how many sort criteria decide before nearness does. null: the hit is not what the engine writes. */
export function asWithoutVector(hit: Hit, sortsBefore: number): Hit | null {
  const details = memberText(hit, DETAILS_FIELD);
  const rules = details === null ? null : sortRules(details);
  if (rules === null) return null;
  const hidden = rules.filter(([name]) => name === SEQUENCE_RULE);
  const sorts = rules.filter(([name]) => name !== SEQUENCE_RULE);
  const ordered = [
    ...sorts.slice(0, sortsBefore),
    ["vectorSort", { similarity: null }] as const,
    ...sorts.slice(sortsBefore),
    ...hidden,
  ];
  const printed = Object.fromEntries(ordered.map(([name, detail], order) => [name, { ...detail, order }]));
  return replaced(replaced(hit, DETAILS_FIELD, JSON.stringify(printed)), SCORE_FIELD, "0.0");
}

type Rule = readonly [name: string, detail: { readonly order?: unknown }];

/** Without those about words, in their order. */
function sortRules(text: string): readonly Rule[] | null {
  try {
    const rules = Object.entries(JSON.parse(text) as Readonly<Record<string, Rule[1]>>);
    const sorts = rules.filter(([name]) => name.endsWith(":asc") || name.endsWith(":desc"));
    return sorts.sort(([, a], [, b]) => Number(a.order) - Number(b.order));
  } catch {
    return null;
  }
}

function replaced(hit: Hit, name: string, value: string): Hit {
  const member = lastMember(hit.text, hit.bounds, name);
  if (member === -1) return hit;
  const [first, last] = [hit.bounds[0]!, hit.bounds.at(-1)!];
  const before = hit.text.slice(first, hit.bounds[member + 2]);
  const text = `{${before}${value}${hit.text.slice(hit.bounds[member + 3], last)}}`;
  const bounds: number[] = [];
  return readObject(text, 0, bounds) === MALFORMED ? hit : { text, bounds };
}
