/**
 * CSV as the documents the engine would make of it, one JSON object per line, so that every later step sees one format
 * only. The result is stored exactly as if the engine had read the CSV itself: names may carry a type, an empty cell is
 * null, numbers are printed in the engine's own form.
 */
import { parseCsv, type CsvFault } from "./parse-csv.ts";
import { floatText } from "./document-problem.ts";
import { isFloatText } from "./geo-shape.ts";

export type CsvDocuments =
  { readonly kind: "documents"; readonly bytes: Uint8Array } | { readonly kind: "malformed"; readonly message: string };

/** `delimiter` is one ASCII byte. */
export function csvToNdjson(bytes: Uint8Array, delimiter: number): CsvDocuments {
  const output = new TextOutput();
  let columns: readonly Column[] | undefined;
  const fault = parseCsv(bytes, delimiter, (fields, recordNumber) => {
    if (columns === undefined) {
      columns = namedColumns(fields);
      return null;
    }
    const line = documentLine(columns, fields, recordNumber);
    if (typeof line !== "string") return line;
    output.write(line);
    return null;
  });
  if (fault !== null) return { kind: "malformed", message: csvMessage(fault) };
  return { kind: "documents", bytes: output.bytes() };
}

type ColumnType = "string" | "number" | "boolean";

interface Column {
  /** The name as JSON. */
  readonly name: string;
  readonly type: ColumnType;
  /** A later column has the same name; only the last one's value is stored, in the place of the first. */
  readonly valueFrom: number;
}

/** One entry per distinct name, in the order of first appearance. */
function namedColumns(headers: readonly string[]): readonly Column[] {
  const columns = new Map<string, Column>();
  for (const [valueFrom, header] of headers.entries()) {
    const { name, type } = typedName(header);
    columns.set(name, { name: JSON.stringify(name), type, valueFrom });
  }
  return [...columns.values()];
}

function typedName(header: string): { name: string; type: ColumnType } {
  const colon = header.lastIndexOf(":");
  const type = colon < 0 ? "" : header.slice(colon + 1);
  if (type !== "string" && type !== "number" && type !== "boolean") return { name: header, type: "string" };
  return { name: header.slice(0, colon), type };
}

function documentLine(columns: readonly Column[], fields: readonly string[], recordNumber: number): string | CsvFault {
  const parts: string[] = [];
  for (const column of columns) {
    const value = cellValue(column.type, fields[column.valueFrom] as string, recordNumber);
    if (typeof value !== "string") return value;
    parts.push(`${column.name}:${value}`);
  }
  return `{${parts.join(",")}}\n`;
}

function cellValue(type: ColumnType, cell: string, recordNumber: number): string | CsvFault {
  if (type === "string") return cell === "" ? "null" : JSON.stringify(cell);
  const trimmed = cell.trim();
  if (trimmed === "") return "null";
  if (type === "boolean") {
    if (trimmed === "true" || trimmed === "false") return trimmed;
    return {
      reason: `Error parsing boolean "${cell}" at line ${recordNumber}: provided string was not \`true\` or \`false\``,
    };
  }
  return (
    numberText(trimmed) ?? { reason: `Error parsing number "${cell}" at line ${recordNumber}: invalid float literal` }
  );
}

function numberText(text: string): string | null {
  if (/^[+-]?[0-9]+$/.test(text)) {
    const integer = BigInt(text.replace(/^\+/, ""));
    if (integer >= I64_MIN && integer <= I64_MAX) return integer.toString();
  }
  if (NOT_FINITE.test(text)) return "null";
  if (!isFloatText(text)) return null;
  const value = Number(text);
  // JSON has no infinity; the engine stores null.
  return Number.isFinite(value) ? floatText(value) : "null";
}

function csvMessage(fault: CsvFault): string {
  return `The \`csv\` payload provided is malformed: \`${fault.reason}\`.`;
}

const NOT_FINITE = /^[+-]?(?:inf|infinity|nan)$/i;
const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;

/** Collects text as bytes, so that a large batch is never held as a text of twice its size. */
class TextOutput {
  #bytes = new Uint8Array(65_536);
  #length = 0;

  write(text: string): void {
    // One UTF-16 unit becomes at most three bytes.
    const needed = this.#length + text.length * 3;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, Math.ceil(this.#bytes.length * 1.5)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

const encoder = new TextEncoder();
