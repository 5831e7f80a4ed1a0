/** The values of one field over all documents: what filters, sorting, facets and distinct are answered from. */
import { DocSet } from "../doc-set.ts";
import { lowercase } from "../text/tokenize.ts";
import { coversField } from "./attribute-patterns.ts";
import { isObject, walkValues } from "./walk-fields.ts";

export interface FacetValues {
  readonly numbers: readonly number[];
  /** Normalized text to the text as written. */
  readonly strings: ReadonlyMap<string, string>;
}

/** The engine cuts longer values before it stores them. */
const STORED_BYTES_MAX = 468;

/** Decomposed, trimmed and lowercased: the form in which strings are compared. */
export function normalizeFacet(text: string): string {
  return lowercase(text.trim().normalize("NFKD"));
}

export class FacetIndex {
  readonly byDocument = new Map<number, FacetValues>();
  readonly exists = new DocSet();
  readonly isNull = new DocSet();
  readonly isEmpty = new DocSet();
  readonly numbers = new Map<number, DocSet>();
  readonly strings = new Map<string, DocSet>();
  private ascendingNumbers: number[] | null = null;
  private ascendingStrings: string[] | null = null;

  constructor(field: string, documents: Iterable<readonly [number, Readonly<Record<string, unknown>>]>) {
    for (const [id, document] of documents) this.read(field, id, document);
  }

  get sortedNumbers(): readonly number[] {
    return (this.ascendingNumbers ??= [...this.numbers.keys()].sort((a, b) => a - b));
  }

  get sortedStrings(): readonly string[] {
    return (this.ascendingStrings ??= [...this.strings.keys()].sort(compareBytes));
  }

  private read(field: string, id: number, document: Readonly<Record<string, unknown>>): void {
    const numbers = new Set<number>();
    const strings = new Map<string, string>();
    const add = (name: string, value: unknown, inArray: boolean): void => {
      if (name !== field) return;
      this.exists.add(id);
      if (typeof value === "number") numbers.add(value);
      else if (typeof value === "boolean") strings.set(String(value), String(value));
      else if (typeof value === "string" && value !== "") strings.set(stored(normalizeFacet(value)), value);
      else if (inArray) return;
      else if (value === null) this.isNull.add(id);
      else if (value === "" || (Array.isArray(value) && value.length === 0)) this.isEmpty.add(id);
      else if (isObject(value) && Object.keys(value).length === 0) this.isEmpty.add(id);
    };
    if (field === "_geo.lat" || field === "_geo.lng") {
      const geo = document["_geo"];
      if (isObject(geo)) add(field, Number(geo[field.slice(5)]), false);
    } else {
      // Walking only the members that can hold the field: there are many fields, and each has an index of its own.
      const part: Record<string, unknown> = {};
      for (const name in document) if (coversField(name, field)) part[name] = document[name];
      walkValues(part, add);
    }
    if (numbers.size === 0 && strings.size === 0) return;
    this.byDocument.set(id, { numbers: [...numbers].sort((a, b) => a - b), strings });
    for (const value of numbers) put(this.numbers, value, id);
    for (const value of strings.keys()) put(this.strings, value, id);
  }
}

/** Order of UTF-8 bytes, which is the order of code points. */
export function compareBytes(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i += 1) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a === b) continue;
    const bothSurrogate = isSurrogate(a) === isSurrogate(b);
    return bothSurrogate ? a - b : isSurrogate(a) ? 1 : -1;
  }
  return left.length - right.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function stored(text: string): string {
  if (text.length * 3 <= STORED_BYTES_MAX || Buffer.byteLength(text) <= STORED_BYTES_MAX) return text;
  return new TextDecoder().decode(Buffer.from(text).subarray(0, STORED_BYTES_MAX)).replace(/\uFFFD+$/, "");
}

function put<K>(map: Map<K, DocSet>, key: K, id: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, DocSet.of([id]));
  else known.add(id);
}
