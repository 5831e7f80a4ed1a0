/**
 * CSV records as the engine's reader understands them: quotes may open only at the start of a field, a doubled quote
 * inside them is one, lines end with any of CR, LF, CRLF, empty lines do not count, and every record has as many fields
 * as the first.
 */
export interface CsvFault {
  readonly reason: string;
}

/**
 * Calls `record` for every record, the header being number 0; a fault that it returns ends the reading. Returns the
 * first fault, or null when the whole text has been read.
 */
export function parseCsv(
  bytes: Uint8Array,
  delimiter: number,
  record: (fields: readonly string[], recordNumber: number) => CsvFault | null,
): CsvFault | null {
  const reader = new CsvReader(bytes, delimiter);
  let width: number | undefined;
  for (let number = 0; ; number += 1) {
    const place = reader.place();
    const fields = reader.next();
    if (fields === null) return null;
    const where = `record ${number} (line: ${place.line}, byte: ${place.byte})`;
    if (fields.invalidField >= 0) return notUtf8(place, number, fields.invalidField);
    if (width !== undefined && fields.texts.length !== width) {
      return {
        reason: `CSV error: ${where}: found record with ${fields.texts.length} fields, but the previous record has ${width} fields`,
      };
    }
    width = fields.texts.length;
    const fault = record(fields.texts, number);
    if (fault !== null) return fault;
  }
}

function notUtf8(place: Place, number: number, field: number): CsvFault {
  return {
    reason: `CSV parse error: record ${number} (line ${place.line}, field: ${field}, byte: ${place.byte}): invalid utf-8: invalid UTF-8 in field ${field} near byte index 0`,
  };
}

interface Place {
  readonly line: number;
  readonly byte: number;
}

interface CsvRecord {
  readonly texts: readonly string[];
  /** The first field that is not UTF-8, or -1. */
  readonly invalidField: number;
}

class CsvReader {
  readonly #bytes: Uint8Array;
  readonly #delimiter: number;
  #at: number;
  #line = 1;
  /** Bytes of the field being read, without its quotes. Grows to the longest field. */
  #field = new Uint8Array(256);
  #length = 0;

  constructor(bytes: Uint8Array, delimiter: number) {
    this.#bytes = bytes;
    this.#delimiter = delimiter;
    this.#at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  place(): Place {
    return { line: this.#line, byte: this.#at };
  }

  /** The next record, or null behind the last. */
  next(): CsvRecord | null {
    this.#skipEmptyLines();
    if (this.#at >= this.#bytes.length) return null;
    const texts: string[] = [];
    let invalidField = -1;
    for (;;) {
      const more = this.#readField();
      const text = this.#text();
      if (text === null && invalidField < 0) invalidField = texts.length;
      texts.push(text ?? "");
      if (!more) return { texts, invalidField };
    }
  }

  #skipEmptyLines(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === LF) this.#line += 1;
      else if (byte !== CR) return;
      this.#at += 1;
    }
  }

  /** Reads one field and what ends it; true if another one follows in the same record. */
  #readField(): boolean {
    this.#length = 0;
    if (this.#bytes[this.#at] === QUOTE) this.#readQuoted();
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) return false;
      this.#at += 1;
      if (byte === this.#delimiter) return true;
      if (byte === LF || byte === CR) {
        if (byte === CR && this.#bytes[this.#at] === LF) this.#at += 1;
        this.#line += 1;
        return false;
      }
      this.#push(byte);
    }
  }

  /** What follows the closing quote belongs to the field as it stands. */
  #readQuoted(): void {
    this.#at += 1;
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) return;
      this.#at += 1;
      if (byte === LF) this.#line += 1;
      if (byte !== QUOTE) this.#push(byte);
      else if (this.#bytes[this.#at] === QUOTE) {
        this.#push(QUOTE);
        this.#at += 1;
      } else return;
    }
  }

  #push(byte: number): void {
    if (this.#length === this.#field.length) {
      const field = new Uint8Array(this.#field.length * 2);
      field.set(this.#field);
      this.#field = field;
    }
    this.#field[this.#length] = byte;
    this.#length += 1;
  }

  #text(): string | null {
    try {
      return utf8.decode(this.#field.subarray(0, this.#length));
    } catch {
      return null;
    }
  }
}

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
