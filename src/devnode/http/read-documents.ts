/** Document payloads in their three formats, checked as a whole before a task is made of them. */
import { skipSpace, skipValue } from "../exact-json.ts";
import { isObject } from "../index/walk-fields.ts";
import { NodeError } from "../node-error.ts";
import { jsonFault } from "./json-fault.ts";

export interface ReadPayload {
  /** A JSON array, numbers as written. */
  readonly documents: string;
  readonly received: number;
}

export function readDocuments(text: string, type: string, csvDelimiter: string): ReadPayload {
  if (type === "text/csv") return readCsv(text, csvDelimiter);
  if (type === "application/x-ndjson") return readLines(text);
  if (text === "") throw missing("json");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("json", `Couldn't serialize document value: ${jsonFault(text)}`);
  }
  if (Array.isArray(value)) {
    const wrong = (value as unknown[]).findIndex((item) => !isObject(item));
    if (wrong !== -1) throw wrongElement(text, wrong);
    return { documents: text, received: value.length };
  }
  if (isObject(value)) return { documents: `[${text}]`, received: 1 };
  throw malformed("json", "Couldn't serialize document value: data are neither an object nor a list of objects");
}

/** The engine reads on at the element behind the wrong one; about the last element it says what it is. */
function wrongElement(text: string, position: number): NodeError {
  let at = skipSpace(text, text.indexOf("[") + 1);
  const behind = (from: number): number => skipSpace(text, skipSpace(text, skipValue(text, from)) + 1);
  for (let skipped = 0; skipped < position; skipped += 1) at = behind(at);
  const end = skipValue(text, at);
  if (text[skipSpace(text, end)] === ",") {
    const column = Buffer.byteLength(text.slice(0, behind(at))) + 1;
    return malformed("json", `Couldn't serialize document value: trailing characters at line 1 column ${column}`);
  }
  const raw = text.slice(at, end);
  const kind = raw.startsWith('"')
    ? `string ${raw}`
    : /[.eE]/.test(raw)
      ? `floating point \`${raw}\``
      : `integer \`${raw}\``;
  const what = raw.startsWith("[")
    ? "sequence"
    : raw === "null"
      ? raw
      : /^[tf]/.test(raw)
        ? `boolean \`${raw}\``
        : kind;
  const column = raw.startsWith("[") ? 0 : Buffer.byteLength(raw);
  return new NodeError("internal", `invalid type: ${what}, expected a map at line 1 column ${column}`);
}

function readLines(text: string): ReadPayload {
  const lines: string[] = [];
  for (const [before, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    lines.push(line);
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      const fault = jsonFault(line).replace(/line 1 (column \d+)$/, `line ${before + 1} $1`);
      throw malformed("ndjson", `Couldn't serialize document value: ${fault}`);
    }
    if (!isObject(value)) throw wrongElement(`[${line}]`, 0);
  }
  if (lines.length === 0) throw missing("ndjson");
  return { documents: `[${lines.join(",")}]`, received: lines.length };
}

function readCsv(text: string, delimiter: string): ReadPayload {
  if (text.trim() === "") throw missing("csv");
  const [header, ...rows] = csvRows(text, delimiter);
  const columns = (header?.fields ?? []).map(column);
  const documents = rows.map(({ fields: row, start }, at) => {
    if (row.length !== columns.length) {
      const before = text.slice(0, start);
      throw malformed(
        "csv",
        `CSV error: record ${at + 1} (line: ${before.split("\n").length}, byte: ${Buffer.byteLength(before)}): found record with ${row.length} fields, but the previous record has ${columns.length} fields`,
      );
    }
    const members = columns.map(
      ({ name, kind }, place) => `${JSON.stringify(name)}:${cell(row[place] ?? "", kind, name, at + 1)}`,
    );
    return `{${members.join(",")}}`;
  });
  return { documents: `[${documents.join(",")}]`, received: documents.length };
}

type CellKind = "string" | "number" | "boolean";

function column(header: string): { readonly name: string; readonly kind: CellKind } {
  const colon = header.lastIndexOf(":");
  const kind = header.slice(colon + 1).trim();
  if (colon !== -1 && (kind === "string" || kind === "number" || kind === "boolean"))
    return { name: header.slice(0, colon).trim(), kind };
  return { name: header, kind: "string" };
}

function cell(text: string, kind: CellKind, name: string, line: number): string {
  const trimmed = text.trim();
  if (kind === "string") return text === "" ? "null" : JSON.stringify(text);
  if (trimmed === "") return "null";
  if (kind === "boolean") {
    if (trimmed === "true" || trimmed === "false") return trimmed;
    throw malformed(
      "csv",
      `Error parsing boolean for column "${name}" at line ${line}: provided string was not \`true\` or \`false\``,
    );
  }
  const number = Number(trimmed);
  if (!/^[+-]?[\d.]/.test(trimmed) || !Number.isFinite(number)) {
    throw malformed("csv", `Error parsing number ${JSON.stringify(text)} at line ${line}: invalid float literal`);
  }
  if (/^[+-]?\d+$/.test(trimmed)) return trimmed.replace(/^\+/, "").replace(/^(-?)0+(?=\d)/, "$1");
  return Number.isInteger(number) ? `${number}.0` : String(number);
}

/** Rows of fields; quotes around a field keep delimiters and line breaks, doubled quotes stand for one. */
function csvRows(text: string, delimiter: string): { fields: string[]; start: number }[] {
  const rows: { fields: string[]; start: number }[] = [];
  let row: string[] = [];
  let start = 0;
  let field = "";
  let isQuoted = false;
  const endField = (): void => {
    row.push(field);
    field = "";
  };
  const endRow = (): boolean => {
    endField();
    const isRow = row.length > 1 || row[0] !== "";
    if (isRow) rows.push({ fields: row, start });
    row = [];
    return isRow;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && field === "") isQuoted = true;
    else if (character === delimiter) endField();
    else if (character === "\n") {
      // A record ends with the first character of its line break, and blank lines belong to the next one.
      if (endRow()) start = text[at - 1] === "\r" ? at : at + 1;
    } else if (character !== "\r" || text[at + 1] !== "\n") field += character;
  }
  if (field !== "" || row.length > 0) endRow();
  return rows;
}

function malformed(format: string, why: string): NodeError {
  const mark = format === "csv" ? ":" : ".";
  return new NodeError("malformed_payload", `The \`${format}\` payload provided is malformed${mark} \`${why}\`.`);
}

function missing(format: string): NodeError {
  return new NodeError("missing_payload", `A ${format} payload is missing.`);
}
