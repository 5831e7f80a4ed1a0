/**
 * A condition on one field. The engine tries its forms one after the other and takes the first that fits, without
 * looking whether a keyword ends where it seems to, so `a EXISTSAND b = 1` is a filter. The order of the forms here is
 * therefore part of the grammar.
 */
import type { CompareOperator, Filter, VectorPart } from "./filter.ts";
import {
  fault,
  readValue,
  requirePathPart,
  requireValue,
  type Scanner,
  skipBlanks,
  take,
  takePhrase,
  takeSpaced,
  takeWord,
} from "./filter-scanner.ts";

export function parseCondition(scanner: Scanner): Filter | undefined {
  const start = scanner.at;
  const field = readValue(scanner);
  if (field === undefined) return undefined;
  const behindField = scanner.at;
  for (const form of beforeVectors) {
    const condition = form(scanner, field);
    if (condition !== undefined) return condition;
    scanner.at = behindField;
  }
  scanner.at = start;
  const vectors = parseVectors(scanner);
  if (vectors !== undefined) return vectors;
  for (const form of afterVectors) {
    scanner.at = behindField;
    const condition = form(scanner, field);
    if (condition !== undefined) return condition;
  }
  scanner.at = start;
  return undefined;
}

type Form = (scanner: Scanner, field: string) => Filter | undefined;

const not = (part: Filter): Filter => ({ kind: "not", part });

const beforeVectors: readonly Form[] = [
  (scanner, field) => (takeWord(scanner, "IN") ? inList(scanner, field) : undefined),
  (scanner, field) => (takeWord(scanner, "NOT") && takeWord(scanner, "IN") ? not(inList(scanner, field)) : undefined),
  compare,
  (scanner, field) => (takePhrase(scanner, "IS", "NULL") ? { kind: "isNull", field } : undefined),
  (scanner, field) => (takePhrase(scanner, "IS", "NOT", "NULL") ? not({ kind: "isNull", field }) : undefined),
  (scanner, field) => (takePhrase(scanner, "IS", "EMPTY") ? { kind: "isEmpty", field } : undefined),
  (scanner, field) => (takePhrase(scanner, "IS", "NOT", "EMPTY") ? not({ kind: "isEmpty", field }) : undefined),
];

const afterVectors: readonly Form[] = [
  (scanner, field) => (take(scanner, "EXISTS") ? { kind: "exists", field } : undefined),
  (scanner, field) => (takePhrase(scanner, "NOT", "EXISTS") ? not({ kind: "exists", field }) : undefined),
  between,
  (scanner, field) => (take(scanner, "CONTAINS") ? substring(scanner, "contains", field) : undefined),
  (scanner, field) => (takePhrase(scanner, "NOT", "CONTAINS") ? not(substring(scanner, "contains", field)) : undefined),
  (scanner, field) => (take(scanner, "STARTS WITH") ? substring(scanner, "startsWith", field) : undefined),
  (scanner, field) =>
    takePhrase(scanner, "NOT", "STARTS WITH") ? not(substring(scanner, "startsWith", field)) : undefined,
];

function compare(scanner: Scanner, field: string): Filter | undefined {
  const start = scanner.at;
  const operator = OPERATORS.find((candidate) => take(scanner, candidate));
  if (operator === undefined) return undefined;
  const valueStart = scanner.at;
  const value = requireValue(scanner);
  if (operator === "!=") scanner.unequal?.push({ field, start, valueStart, end: scanner.at });
  return { kind: "compare", field, operator, value };
}

/** The longer ones first, so that `<=` is not read as `<`. */
const OPERATORS: readonly CompareOperator[] = ["<=", ">=", "!=", "<", ">", "="];

/** `[a, b]`, also empty, also with a comma behind the last. */
function inList(scanner: Scanner, field: string): Filter {
  skipBlanks(scanner);
  if (!take(scanner, "[")) fault(scanner, "expected `[` after `IN`");
  const values: string[] = [];
  for (let value = readValue(scanner); value !== undefined; value = readValue(scanner)) {
    values.push(value);
    if (!takeSpaced(scanner, ",")) break;
  }
  if (!takeSpaced(scanner, "]")) fault(scanner, "expected a value or `]`");
  return { kind: "in", field, values };
}

/** `field from TO to`. */
function between(scanner: Scanner, field: string): Filter | undefined {
  const from = readValue(scanner);
  if (from === undefined || !take(scanner, "TO") || !skipBlanks(scanner)) return undefined;
  return { kind: "between", field, from, to: requireValue(scanner) };
}

function substring(scanner: Scanner, kind: "contains" | "startsWith", field: string): Filter {
  return { kind, field, value: requireValue(scanner) };
}

/** `_vectors EXISTS` or `_vectors.embedder.part EXISTS`; from the first dot on there is no other reading. */
function parseVectors(scanner: Scanner): Filter | undefined {
  const start = scanner.at;
  skipBlanks(scanner);
  if (!take(scanner, "_vectors")) {
    scanner.at = start;
    return undefined;
  }
  let embedder: string | null = null;
  let part: VectorPart = { kind: "any" };
  if (!skipBlanks(scanner)) {
    if (!take(scanner, ".")) {
      scanner.at = start;
      return undefined;
    }
    embedder = requirePathPart(scanner);
    part = vectorPart(scanner);
    if (!skipBlanks(scanner)) fault(scanner, "expected `EXISTS` or `NOT EXISTS` after a vector filter");
  }
  const filter: Filter = { kind: "vectorExists", embedder, part };
  if (take(scanner, "EXISTS")) return filter;
  if (takePhrase(scanner, "NOT", "EXISTS")) return not(filter);
  return fault(scanner, "a vector filter takes only `EXISTS` and `NOT EXISTS`");
}

function vectorPart(scanner: Scanner): VectorPart {
  if (take(scanner, ".fragments")) {
    if (!take(scanner, ".")) fault(scanner, "expected the name of a fragment");
    return { kind: "fragment", name: requirePathPart(scanner) };
  }
  if (take(scanner, ".userProvided")) return { kind: "userProvided" };
  if (take(scanner, ".documentTemplate")) return { kind: "documentTemplate" };
  if (take(scanner, ".regenerate")) return { kind: "regenerate" };
  return { kind: "any" };
}
