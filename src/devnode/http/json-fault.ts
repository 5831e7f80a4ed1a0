/**
 * Where and why a text is not JSON, in the words of the engine's parser. Read only after `JSON.parse` has failed, so it
 * is written for the answer and not for speed.
 */
export function jsonFault(text: string): string {
  const reader = new Reader(text);
  try {
    reader.value();
    if (reader.next() !== END) reader.blame("trailing characters", 1);
  } catch (fault) {
    if (fault instanceof Fault) return fault.message;
    throw fault;
  }
  return "expected value at line 1 column 1";
}

class Fault extends Error {}

/** The character after the last one. */
const END = "";

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(): void {
    const first = this.next();
    if (first === END) this.blame("EOF while parsing a value");
    else if (first === "{") this.members("an object", "}", () => this.member());
    else if (first === "[") this.members("a list", "]", () => this.value());
    else if (first === '"') this.string();
    else if (/[-\d]/.test(first)) this.number();
    else this.word(first);
  }

  /** The next character that is not white space. */
  next(): string {
    while (/[ \t\n\r]/.test(this.here)) this.at += 1;
    return this.here;
  }

  /** The place is behind `ahead` characters more; of the last of them one byte counts. */
  blame(reason: string, ahead = 0): never {
    const taken = this.text.slice(0, this.at + ahead);
    const before = ahead > 0 ? taken.replace(/[^\n]$/, "x") : taken;
    const lines = before.split("\n");
    throw new Fault(`${reason} at line ${lines.length} column ${Buffer.byteLength(lines.at(-1) ?? "")}`);
  }

  private get here(): string {
    return this.text[this.at] ?? END;
  }

  private members(container: string, close: string, read: () => void): void {
    this.at += 1;
    for (let isFirst = true; ; isFirst = false) {
      const next = this.next();
      if (next === END) this.blame(isFirst ? `EOF while parsing ${container}` : "EOF while parsing a value");
      if (next === close) {
        if (!isFirst) this.blame("trailing comma", 1);
        break;
      }
      read();
      const after = this.next();
      if (after === close) break;
      if (after === END) this.blame(`EOF while parsing ${container}`);
      if (after !== ",") this.blame(`expected \`,\` or \`${close}\``, 1);
      this.at += 1;
    }
    this.at += 1;
  }

  private member(): void {
    if (this.here !== '"') this.blame("key must be a string", 1);
    this.string();
    const colon = this.next();
    if (colon === END) this.blame("EOF while parsing an object");
    if (colon !== ":") this.blame("expected `:`", 1);
    this.at += 1;
    this.value();
  }

  private string(): void {
    // oxlint-disable-next-line no-control-regex
    this.skip(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/y);
    const stop = this.here;
    if (stop === '"') this.at += 1;
    else if (stop === END) this.blame("EOF while parsing a string");
    else if (stop !== "\\") this.blame("control character (\\u0000-\\u001F) found while parsing a string", 1);
    else if (this.at + (this.text[this.at + 1] === "u" ? 6 : 2) > this.text.length) {
      this.at = this.text.length;
      this.blame("EOF while parsing a string");
    } else this.blame("invalid escape", this.text[this.at + 1] === "u" ? 6 : 2);
  }

  private number(): void {
    this.skip(/-?/y);
    if (/0\d/y.test(this.text.slice(this.at))) this.blame("invalid number", 2);
    this.digits();
    if (this.skip(/\./y)) this.digits();
    if (this.skip(/[eE][+-]?/y)) this.digits();
  }

  private digits(): void {
    if (this.skip(/\d+/y)) return;
    if (this.here === END) this.blame("EOF while parsing a value");
    this.blame("invalid number", 1);
  }

  private word(first: string): void {
    const word = { n: "null", t: "true", f: "false" }[first];
    if (word === undefined) return this.blame("expected value", 1);
    for (const letter of word) {
      if (this.here === END) this.blame("EOF while parsing a value");
      if (this.here !== letter) this.blame("expected ident", 1);
      this.at += 1;
    }
  }

  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    this.at += found?.[0].length ?? 0;
    return found !== null;
  }
}
