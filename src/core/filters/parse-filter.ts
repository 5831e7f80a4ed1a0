/**
 * The engine's filter grammar, so that the router can see what a filter says before any node does. It accepts what
 * the engine accepts and nothing else, oddities included; a differential test holds it to that. It only reads: filters
 * travel to the nodes as the text the client wrote.
 */
import type { Filter } from "./filter.ts";
import {
  fault,
  FilterFault,
  requireValue,
  type Scanner,
  skipBlanks,
  take,
  takeSpaced,
  takeWord,
  type UnequalCondition,
} from "./filter-scanner.ts";
import { parseCondition } from "./parse-condition.ts";
import { parseGeoFilter } from "./parse-geo-filter.ts";

export type ParsedFilter =
  /** null: a text of white space, which the engine takes for no filter. */
  | { readonly ok: true; readonly filter: Filter | null }
  /** `position` in UTF-16 units, where reading stopped. */
  | { readonly ok: false; readonly position: number; readonly message: string };

export function parseFilter(text: string): ParsedFilter {
  return parse({ text, at: 0 });
}

/** Where the filter says `field != value` about documents of its own index; nothing for a text that is no filter. */
export function unequalConditions(text: string): readonly UnequalCondition[] {
  const unequal: UnequalCondition[] = [];
  return parse({ text, at: 0, unequal }).ok ? unequal : [];
}

/** Is any text in this filter, in whatever JSON form it comes, one that the engine cannot read? */
export function isMalformed(filter: unknown): boolean {
  if (Array.isArray(filter)) return filter.some(isMalformed);
  return typeof filter === "string" && !parseFilter(filter).ok;
}

function parse(scanner: Scanner): ParsedFilter {
  const { text } = scanner;
  if (/^\p{White_Space}*$/u.test(text)) return { ok: true, filter: null };
  try {
    const filter = parseOr(scanner, 0);
    if (scanner.at < text.length) fault(scanner, "expected `AND`, `OR` or the end of the filter");
    return { ok: true, filter };
  } catch (failure) {
    if (!(failure instanceof FilterFault)) throw failure;
    return { ok: false, position: failure.position, message: failure.message };
  }
}

/** Every level of the grammar counts, so parentheses may be nested 36 deep. It also bounds the recursion here. */
const DEPTH_MAX = 150;

function parseOr(scanner: Scanner, depth: number): Filter {
  return parseChain(scanner, depth, "OR", "or", parseAnd);
}

function parseAnd(scanner: Scanner, depth: number): Filter {
  return parseChain(scanner, depth, "AND", "and", parseNot);
}

function parseChain(
  scanner: Scanner,
  depth: number,
  keyword: string,
  kind: "and" | "or",
  parsePart: (scanner: Scanner, depth: number) => Filter,
): Filter {
  checkDepth(scanner, depth);
  const first = parsePart(scanner, depth + 1);
  const parts = [first];
  while (takeWord(scanner, keyword)) parts.push(parsePart(scanner, depth + 1));
  return parts.length === 1 ? first : { kind, parts };
}

/** Two NOTs in a row cancel each other, also when the second belongs to `NOT IN` or the like. */
function parseNot(scanner: Scanner, depth: number): Filter {
  checkDepth(scanner, depth);
  if (!takeWord(scanner, "NOT")) return parsePrimary(scanner, depth + 1);
  const part = parseNot(scanner, depth + 1);
  return part.kind === "not" ? part.part : { kind: "not", part };
}

function parsePrimary(scanner: Scanner, depth: number): Filter {
  checkDepth(scanner, depth);
  if (takeSpaced(scanner, "(")) {
    const inner = parseOr(scanner, depth + 1);
    if (!takeSpaced(scanner, ")")) fault(scanner, "a parenthesis is not closed");
    return inner;
  }
  return (
    parseGeoFilter(scanner) ??
    parseCondition(scanner) ??
    parseForeign(scanner, depth) ??
    fault(scanner, "expected a condition")
  );
}

/** `_foreign(field, filter)`. */
function parseForeign(scanner: Scanner, depth: number): Filter | undefined {
  if (!takeWord(scanner, "_foreign")) return undefined;
  if (!take(scanner, "(")) fault(scanner, "expected `(` after `_foreign`");
  const field = requireValue(scanner);
  if (!takeSpaced(scanner, ",")) fault(scanner, "expected `,` after the field of `_foreign`");
  // The inner filter is about another index.
  const known = scanner.unequal?.length;
  const filter = parseOr(scanner, depth);
  if (known !== undefined) scanner.unequal!.length = known;
  skipBlanks(scanner);
  if (!take(scanner, ")")) fault(scanner, "`_foreign` is not closed");
  return { kind: "foreign", field, filter };
}

function checkDepth(scanner: Scanner, depth: number): void {
  if (depth > DEPTH_MAX) fault(scanner, "the filter is nested too deeply");
}
