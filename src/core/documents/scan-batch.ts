/**
 * One pass over a batch as the client sent it: proves that it is JSON the engine takes, and finds where each document
 * stands, its key and its shard. Nothing of the body is copied or rewritten. A batch is good or bad as a whole: the
 * first bad document is reported, but only once the whole body is known to be well formed.
 */
import { documentKey } from "./document-key.ts";
import {
  ambiguousKey,
  invalidExpiry,
  invalidKey,
  missingKey,
  noCandidate,
  reservedField,
  severalCandidates,
  type DocumentProblem,
} from "./document-problem.ts";
import { DocumentTable } from "./document-table.ts";
import { geoComplaint } from "./geo-shape.ts";
import { inferPrimaryKey } from "./infer-primary-key.ts";
import { blame, CLOSE_BRACKET, COMMA, eof, OPEN_BRACE, OPEN_BRACKET, skipSpace, skipValue } from "./json-grammar.ts";
import { endOfString, firstBroken } from "./broken-text.ts";
import { describeFault, JsonFault, malformedMessage } from "./json-fault.ts";
import { isUtf8, jsonText } from "./json-text.ts";
import { UNSAID } from "../markers/expiry.ts";
import { nestedKey } from "./nested-key.ts";
import { asInOneDocument } from "./one-document-fault.ts";
import { expiryIn } from "./read-expiry.ts";
import { newDocumentSpan, scanDocument, watchedNames, type DocumentSpan, type WatchedNames } from "./scan-document.ts";
import { vectorsComplaint, type EmbedderShape } from "./vectors-shape.ts";

export interface ScanOptions {
  readonly format: "json" | "ndjson";
  /** What an error message calls the format: documents from CSV arrive as NDJSON. */
  readonly formatName?: string;
  /** null: infer it from the first document. */
  readonly primaryKey: string | null;
  readonly reservedFields: readonly string[];
  /** The field in which documents bring when they expire; absent or null: they do not. */
  readonly expiryField?: string | null;
  /** `_geo` is filterable or sortable in this index. */
  readonly geo: boolean;
  readonly embedders: readonly EmbedderShape[];
  /** The documents change stored ones in part. */
  readonly partial: boolean;
}

export interface ScannedBatch {
  readonly kind: "scanned";
  readonly count: number;
  /** Start and end of each document, two numbers each. */
  readonly bounds: Uint32Array;
  /** Distinct keys, in the order in which they first appear. */
  readonly ids: readonly string[];
  /** Per document, which of `ids` it has. */
  readonly idOf: Uint32Array;
  /** Given or inferred; null when there is no document to infer it from, or the inference failed. */
  readonly primaryKey: string | null;
  /** Per document, when it expires (`Expiry`); null where documents do not. */
  readonly expiryOf: Float64Array | null;
  /** Some document names its key twice, or spans lines: then it can only be passed on inside a JSON array. */
  readonly needsArray: boolean;
  readonly problem: DocumentProblem | null;
}

export interface MalformedBatch {
  readonly kind: "malformed";
  readonly message: string;
}

/** `utf8` may be a faster test of the same thing. */
export function scanBatch(
  bytes: Uint8Array,
  options: ScanOptions,
  utf8: (bytes: Uint8Array) => boolean = isUtf8,
): ScannedBatch | MalformedBatch {
  const scan = new BatchScan(bytes, options);
  const found = faultOf(scan, options);
  const broken = utf8(bytes) ? null : scan.brokenText();
  const first = broken !== null && (found === null || broken.offset <= found.offset) ? broken : found;
  if (first === null) return scan.result();
  const fault = options.format === "json" ? asInOneDocument(first, bytes) : first;
  const reason = fault === NOT_DOCUMENTS ? fault.message : describeFault(fault, bytes);
  return { kind: "malformed", message: malformedMessage(options.formatName ?? options.format, reason) };
}

function faultOf(scan: BatchScan, { format }: ScanOptions): JsonFault | null {
  try {
    if (format === "json") scan.array();
    else scan.stream();
    return null;
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
}

/** The engine says so without a place when the text is JSON but not documents. */
const NOT_DOCUMENTS = new JsonFault("data are neither an object nor a list of objects", 0);

class BatchScan {
  readonly #bytes: Uint8Array;
  readonly #options: ScanOptions;
  readonly #span: DocumentSpan = newDocumentSpan();
  readonly #places = new Map<string, number>();
  readonly #table: DocumentTable;
  #primaryKey: string | null;
  #watched: WatchedNames;
  #needsArray = false;
  /** The first line break that is not behind us; found once and kept, so that the body is searched once. */
  #lineBreak = -1;
  #problem: DocumentProblem | null = null;

  constructor(bytes: Uint8Array, options: ScanOptions) {
    this.#bytes = bytes;
    this.#options = options;
    this.#primaryKey = options.primaryKey;
    this.#table = new DocumentTable((options.expiryField ?? null) !== null);
    this.#watched = this.#watch();
  }

  /**
   * What is no UTF-8, where the engine tells it: it reads one document of several as a whole, and one alone text by text.
   * null: it stands in what could not be read at all, which is told instead.
   */
  brokenText(): JsonFault | null {
    const bytes = this.#bytes;
    const at = firstBroken(bytes);
    if (at === null) return null;
    const reason = "invalid unicode code point";
    if (this.#options.format === "json" && bytes[skipSpace(bytes, 0)] === OPEN_BRACE) {
      return new JsonFault(reason, endOfString(bytes, at));
    }
    for (let i = 0; i < this.#table.count; i += 1) {
      if (at < this.#table.endOf(i)) return new JsonFault(reason, this.#table.endOf(i));
    }
    return null;
  }

  /** One array of documents, or one document alone. */
  array(): void {
    const bytes = this.#bytes;
    let i = skipSpace(bytes, 0);
    const first = bytes[i];
    if (first === OPEN_BRACE) i = this.#document(i);
    else if (first === OPEN_BRACKET) i = this.#elements(i);
    else {
      skipValue(bytes, i, 0);
      throw NOT_DOCUMENTS;
    }
    i = skipSpace(bytes, i);
    // The engine ignores what follows an array, and would so lose the second of two arrays without a word.
    if (i < bytes.length) throw blame("trailing characters", i);
  }

  /** Documents one after the other, whatever white space is between them. */
  stream(): void {
    const bytes = this.#bytes;
    for (let i = skipSpace(bytes, 0); i < bytes.length; i = skipSpace(bytes, i)) i = this.#element(i);
  }

  result(): ScannedBatch {
    return {
      kind: "scanned",
      count: this.#table.count,
      bounds: this.#table.bounds(),
      ids: [...this.#places.keys()],
      idOf: this.#table.idOf(),
      primaryKey: this.#primaryKey,
      expiryOf: this.#table.expiryOf(),
      needsArray: this.#needsArray,
      problem: this.#problem,
    };
  }

  #elements(at: number): number {
    const bytes = this.#bytes;
    let i = skipSpace(bytes, at + 1);
    if (bytes[i] === CLOSE_BRACKET) return i + 1;
    if (i >= bytes.length) throw eof(bytes, "a list");
    for (;;) {
      i = skipSpace(bytes, this.#element(i));
      const byte = bytes[i];
      if (byte === CLOSE_BRACKET) return i + 1;
      if (byte !== COMMA) throw byte === undefined ? eof(bytes, "a list") : blame("expected `,` or `]`", i);
      i = skipSpace(bytes, i + 1);
      if (bytes[i] === CLOSE_BRACKET) throw blame("trailing comma", i);
    }
  }

  #element(at: number): number {
    if (this.#bytes[at] === OPEN_BRACE) return this.#document(at);
    const end = skipValue(this.#bytes, at, 0);
    throw this.#options.format === "ndjson" ? NOT_DOCUMENTS : this.#strangerUntil(end);
  }

  /** The engine leaves a list at the first element that is no document, and is content only if the list ends there. */
  #strangerUntil(end: number): JsonFault {
    const bytes = this.#bytes;
    const at = skipSpace(bytes, end);
    if (at >= bytes.length) return eof(bytes, "a list");
    if (bytes[at] === CLOSE_BRACKET) return NOT_DOCUMENTS;
    if (bytes[at] !== COMMA) return blame("trailing characters", at);
    const next = skipSpace(bytes, at + 1);
    if (next >= bytes.length) return new JsonFault("trailing characters", bytes.length);
    return blame(bytes[next] === CLOSE_BRACKET ? "trailing comma" : "trailing characters", next);
  }

  #document(at: number): number {
    const span = this.#span;
    const end = scanDocument(this.#bytes, at, this.#watched, span);
    this.#needsArray ||= this.#spansLines(at, end);
    this.#table.place(at, end);
    if (this.#problem === null) this.#judge(at, end);
    this.#table.count += 1;
    return end;
  }

  /** Notes the document's key, or what is wrong with it. */
  #judge(start: number, end: number): void {
    if (this.#primaryKey === null && !this.#infer(start)) return;
    const span = this.#span;
    const primaryKey = this.#primaryKey as string;
    if (primaryKey.includes(".")) {
      const nested = nestedKey(this.#bytes, start, primaryKey, this.#options.format === "json");
      if (nested.kind === "ambiguous") return this.#complain(ambiguousKey(primaryKey, this.#bytes, start, end));
      if (nested.kind === "missing") return this.#complain(missingKey(primaryKey, this.#bytes, start, end));
      span.keyStart = nested.start;
      span.keyEnd = nested.end;
      this.#needsArray ||= nested.repeatsKey;
    }
    if (span.keyStart < 0) return this.#complain(missingKey(primaryKey, this.#bytes, start, end));
    const id = documentKey(this.#bytes, span.keyStart, span.keyEnd);
    if (id === null) return this.#complain(invalidKey(this.#bytes, span.keyStart, span.keyEnd));
    if (span.keyRepeats) {
      // An array is read into a map first, where the last one wins; a stream is not.
      if (this.#options.format === "ndjson") {
        return this.#complain(ambiguousKey(primaryKey, this.#bytes, start, end));
      }
      this.#needsArray = true;
    }
    if (span.reserved >= 0) return this.#complain(reservedField(this.#options.reservedFields[span.reserved] as string));
    const expiry = this.#watched.expiry === null ? UNSAID : expiryIn(this.#bytes, span);
    if (expiry === null) return this.#complain(invalidExpiry(this.#options.expiryField as string, this.#bytes, span));
    this.#table.expire(expiry);
    this.#judgeShapes(id);
    this.#keep(id);
  }

  #judgeShapes(id: string): void {
    const span = this.#span;
    if (this.#options.geo && span.geoStart >= 0) {
      const message = geoComplaint(id, JSON.parse(jsonText(this.#bytes, span.geoStart, span.geoEnd)));
      if (message !== null) return this.#complain({ code: "invalid_document_geo_field", message, late: true });
    }
    if (span.vectorsStart < 0 && this.#options.embedders.length === 0) return;
    const vectors: unknown =
      span.vectorsStart < 0 ? undefined : JSON.parse(jsonText(this.#bytes, span.vectorsStart, span.vectorsEnd));
    const complaint = vectorsComplaint(id, vectors, this.#options.embedders, this.#options.partial);
    if (complaint !== null) this.#complain({ ...complaint, late: true });
  }

  #infer(start: number): boolean {
    const inference = inferPrimaryKey(this.#bytes, start);
    if (inference.kind !== "inferred") {
      this.#complain(inference.kind === "none" ? noCandidate() : severalCandidates(inference.candidates));
      return false;
    }
    this.#primaryKey = inference.primaryKey;
    this.#watched = this.#watch();
    scanDocument(this.#bytes, start, this.#watched, this.#span);
    return true;
  }

  #watch(): WatchedNames {
    return watchedNames(this.#primaryKey, this.#options.reservedFields, this.#options.expiryField);
  }

  #keep(id: string): void {
    const known = this.#places.get(id);
    if (known === undefined) this.#places.set(id, this.#places.size);
    this.#table.identify(known ?? this.#places.size - 1);
  }

  #complain(found: Omit<DocumentProblem, "position">): void {
    this.#problem = { position: this.#table.count, ...found };
  }

  /** Inside strings a line break is escaped, so any that is found lies between tokens. */
  #spansLines(start: number, end: number): boolean {
    if (this.#lineBreak < start) {
      const found = this.#bytes.indexOf(NEWLINE, start);
      this.#lineBreak = found < 0 ? this.#bytes.length : found;
    }
    return this.#lineBreak < end;
  }
}

const NEWLINE = 0x0a;
