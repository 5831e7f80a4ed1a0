/**
 * Where and why a JSON text is not one, in the words of the engine's parser (`expected value at line 1 column 1`).
 * Runs only after a parse has failed, so it is written for the answer and not for speed.
 */
export function describeJsonError(bytes: Uint8Array): string {
  const scanner = new Scanner(bytes);
  try {
    scanner.document();
  } catch (error) {
    if (error instanceof Located) return error.describe(bytes);
    throw error;
  }
  // The engine's parser would have taken it; the one that failed saw something else.
  return "expected value at line 1 column 1";
}

class Located extends Error {
  override readonly name = "Located";
  readonly index: number;

  constructor(reason: string, index: number) {
    super(reason);
    this.index = index;
  }

  describe(bytes: Uint8Array): string {
    const end = Math.min(this.index, bytes.length);
    let line = 1;
    let lineStart = 0;
    for (let i = 0; i < end; i++) {
      if (bytes[i] === 0x0a) {
        line++;
        lineStart = i + 1;
      }
    }
    return `${this.message} at line ${line} column ${end - lineStart}`;
  }
}

type Kind = "list" | "object";

/** Recognises one JSON text. Containers are kept on a list and not on the call stack. */
class Scanner {
  readonly #bytes: Uint8Array;
  #index = 0;
  readonly #open: Kind[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  document(): void {
    this.#value();
    while (this.#open.length > 0) this.#afterValue();
    if (this.#skipSpace() !== END) throw this.#here("trailing characters");
  }

  /** One scalar, or the opening of a container up to its first value. */
  #value(): void {
    for (;;) {
      const byte = this.#skipSpace();
      if (byte === OPEN_BRACKET) {
        this.#enter("list");
        const next = this.#skipSpace();
        if (next === END) throw this.#here("EOF while parsing a list");
        if (next !== CLOSE_BRACKET) continue;
        this.#leave();
      } else if (byte === OPEN_BRACE) {
        this.#enter("object");
        const next = this.#skipSpace();
        if (next === END) throw this.#here("EOF while parsing an object");
        if (next !== CLOSE_BRACE) {
          this.#key(next);
          continue;
        }
        this.#leave();
      } else this.#scalar(byte);
      return;
    }
  }

  /** What follows a value inside a container: its end, or a comma and the next value. */
  #afterValue(): void {
    const list = this.#open.at(-1) === "list";
    const byte = this.#skipSpace();
    if (byte === END) throw this.#here(`EOF while parsing ${list ? "a list" : "an object"}`);
    if (byte === (list ? CLOSE_BRACKET : CLOSE_BRACE)) return this.#leave();
    if (byte !== COMMA) throw this.#here(`expected \`,\` or \`${list ? "]" : "}"}\``);
    this.#index++;
    const next = this.#skipSpace();
    if (next === END) throw this.#here("EOF while parsing a value");
    if (next === (list ? CLOSE_BRACKET : CLOSE_BRACE)) throw this.#here("trailing comma");
    if (!list) this.#key(next);
    this.#value();
  }

  #enter(kind: Kind): void {
    if (this.#open.length + 1 >= NESTING_LIMIT) throw this.#here("recursion limit exceeded");
    this.#open.push(kind);
    this.#index++;
  }

  #leave(): void {
    this.#open.pop();
    this.#index++;
  }

  #key(first: number): void {
    if (first !== QUOTE) throw this.#here("key must be a string");
    this.#string();
    const byte = this.#skipSpace();
    if (byte === END) throw this.#here("EOF while parsing an object");
    if (byte !== COLON) throw this.#here("expected `:`");
    this.#index++;
  }

  #scalar(byte: number): void {
    if (byte === END) throw this.#here("EOF while parsing a value");
    if (byte === QUOTE) return this.#string();
    if (byte === MINUS || isDigit(byte)) return this.#number();
    const word = WORDS.get(byte);
    if (word === undefined) throw this.#here("expected value");
    this.#index++;
    for (const expected of word) {
      if (this.#index >= this.#bytes.length) throw this.#after("EOF while parsing a value");
      if (this.#bytes[this.#index++] !== expected) throw this.#after("expected ident");
    }
  }

  #number(): void {
    const start = this.#index;
    if (this.#peek() === MINUS) this.#index++;
    const first = this.#next("EOF while parsing a value");
    if (!isDigit(first)) throw this.#after("invalid number");
    if (first === ZERO && isDigit(this.#peek())) throw this.#here("invalid number");
    this.#digits();
    if (this.#peek() === DOT) {
      this.#index++;
      if (!isDigit(this.#peek())) {
        throw this.#here(this.#peek() === END ? "EOF while parsing a value" : "invalid number");
      }
      this.#digits();
    }
    if (this.#peek() === LOWER_E || this.#peek() === UPPER_E) {
      this.#index++;
      if (this.#peek() === PLUS || this.#peek() === MINUS) this.#index++;
      if (!isDigit(this.#next("EOF while parsing a value"))) throw this.#after("invalid number");
      this.#digits();
    }
    const value = Number(String.fromCharCode(...this.#bytes.subarray(start, Math.min(this.#index, start + 4096))));
    if (!Number.isFinite(value)) throw this.#after("number out of range");
  }

  #digits(): void {
    while (isDigit(this.#peek())) this.#index++;
  }

  #string(): void {
    this.#index++;
    const start = this.#index;
    for (;;) {
      const byte = this.#peek();
      if (byte === END) throw this.#after("EOF while parsing a string");
      this.#index++;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) this.#escape();
      else if (byte < 0x20) throw this.#after("control character (\\u0000-\\u001F) found while parsing a string");
    }
    try {
      utf8.decode(this.#bytes.subarray(start, this.#index - 1));
    } catch {
      throw this.#after("invalid unicode code point");
    }
  }

  #escape(): void {
    const byte = this.#next("EOF while parsing a string");
    if (byte !== LOWER_U) {
      if (!SIMPLE_ESCAPES.has(byte)) throw this.#after("invalid escape");
      return;
    }
    const unit = this.#hexEscape();
    if (unit >= 0xdc00 && unit <= 0xdfff) throw this.#after("lone leading surrogate in hex escape");
    if (unit < 0xd800 || unit > 0xdbff) return;
    for (const expected of [BACKSLASH, LOWER_U]) {
      const next = this.#next("EOF while parsing a string");
      if (next !== expected) throw this.#after("unexpected end of hex escape");
    }
    const second = this.#hexEscape();
    if (second < 0xdc00 || second > 0xdfff) throw this.#after("lone leading surrogate in hex escape");
  }

  #hexEscape(): number {
    if (this.#index + 4 > this.#bytes.length) {
      this.#index = this.#bytes.length;
      throw this.#after("EOF while parsing a string");
    }
    const digits = String.fromCharCode(...this.#bytes.subarray(this.#index, this.#index + 4));
    this.#index += 4;
    if (!/^[0-9a-f]{4}$/i.test(digits)) throw this.#after("invalid escape");
    return Number.parseInt(digits, 16);
  }

  #peek(): number {
    return this.#bytes[this.#index] ?? END;
  }

  #next(atEnd: string): number {
    const byte = this.#bytes[this.#index];
    if (byte === undefined) throw this.#after(atEnd);
    this.#index++;
    return byte;
  }

  #skipSpace(): number {
    for (;;) {
      const byte = this.#peek();
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x09 && byte !== 0x0d) return byte;
      this.#index++;
    }
  }

  /** The byte that was looked at and not taken is to blame. */
  #here(reason: string): Located {
    return new Located(reason, this.#index + 1);
  }

  /** The byte that was taken last is to blame. */
  #after(reason: string): Located {
    return new Located(reason, this.#index);
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

const END = -1;
const NESTING_LIMIT = 128;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const UPPER_E = 0x45;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SIMPLE_ESCAPES = new Set(Buffer.from('"\\/bfnrt'));
const WORDS = new Map([
  [0x6e, Buffer.from("ull")],
  [0x74, Buffer.from("rue")],
  [0x66, Buffer.from("alse")],
]);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
