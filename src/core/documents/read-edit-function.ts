/**
 * What has to be known of an edit function (Rhai) before anything can be put behind it: whether it may end early, and
 * whether it defines functions of its own. A scanner of words and brackets; the nodes judge the rest.
 */
export interface EditFunctionFacts {
  /** A `return` outside of every `fn` and every closure with a block. */
  readonly returns: boolean;
  /** Has `fn` or closures. */
  readonly defines: boolean;
  /** Calls `exit`, or may build such a call from a text. */
  readonly exits: boolean;
  /** What ends the comments that are still open at the end. */
  readonly close: string;
}

export function readEditFunction(code: string): EditFunctionFacts {
  const scan = new FunctionScan(code);
  scan.run();
  return scan.facts();
}

class FunctionScan {
  readonly #code: string;
  #at = 0;
  /** One entry per open bracket: does a block belong to a definition? Template texts that hold code are entries too. */
  readonly #open: ("plain" | "definition" | "template")[] = [];
  /** The next `{` begins the body of a definition. */
  #bodyFollows = false;
  /** What came before can be the left side of an operator. */
  #afterValue = false;
  #returns = false;
  #defines = false;
  #exits = false;
  #builds = false;
  #namesExit = false;
  #openComments = 0;

  constructor(code: string) {
    this.#code = code;
  }

  run(): void {
    while (this.#at < this.#code.length) this.#token();
  }

  facts(): EditFunctionFacts {
    return {
      returns: this.#returns,
      defines: this.#defines,
      exits: this.#exits || (this.#builds && this.#namesExit),
      close: "*/".repeat(this.#openComments),
    };
  }

  #token(): void {
    const code = this.#code;
    const at = this.#at;
    const word = match(WORD, code, at);
    if (word !== null) return this.#word(word);
    const character = code[at] as string;
    if (/\s/.test(character)) this.#at += 1;
    else if (code.startsWith("//", at)) this.#lineComment();
    else if (code.startsWith("/*", at)) this.#blockComment();
    else if (character === '"') this.#text(at + 1, '"');
    else if (character === "'") this.#text(at + 1, "'");
    else if (character === "`") this.#template(at + 1);
    else if (match(RAW_TEXT, code, at) !== null) this.#rawText(match(RAW_TEXT, code, at) as string);
    else if (character === "|") this.#bar();
    else this.#punctuation(character);
  }

  #word(word: string): void {
    this.#at += word.length;
    const isMember = /[.]\s*$/.test(this.#code.slice(Math.max(0, this.#at - word.length - 2), this.#at - word.length));
    this.#afterValue = isMember || !PREFIX_WORDS.has(word);
    if (isMember) return;
    if (word === "return" && !this.#open.includes("definition")) this.#returns = true;
    if (word === "exit") this.#exits = true;
    if (word === "Fn" || word === "eval") this.#builds = true;
    if (word !== "fn") return;
    this.#defines = true;
    this.#bodyFollows = true;
  }

  /** In front of a value a bar opens the parameters of a closure; behind one it is an operator. */
  #bar(): void {
    if (this.#afterValue) {
      this.#at += 1;
      // The second of two is no closure either.
      if (this.#code[this.#at] === "|") this.#at += 1;
      this.#afterValue = false;
      return;
    }
    this.#defines = true;
    const end = this.#code.indexOf("|", this.#at + 1);
    this.#at = end < 0 ? this.#code.length : end + 1;
    if (/^\s*\{/.test(this.#code.slice(this.#at))) this.#bodyFollows = true;
  }

  #punctuation(character: string): void {
    this.#at += 1;
    this.#afterValue = character === ")" || character === "]" || character === "}";
    if (character === "{" || character === "(" || character === "[") {
      const isBody = character === "{" && this.#bodyFollows;
      if (isBody) this.#bodyFollows = false;
      this.#open.push(isBody ? "definition" : "plain");
    } else if (this.#afterValue && this.#open.pop() === "template") this.#template(this.#at);
  }

  #lineComment(): void {
    const end = this.#code.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#code.length : end;
  }

  #blockComment(): void {
    let depth = 0;
    while (this.#at < this.#code.length) {
      const two = this.#code.slice(this.#at, this.#at + 2);
      if (two === "/*" || two === "*/") {
        depth += two === "/*" ? 1 : -1;
        this.#at += 2;
        if (depth === 0) return;
      } else this.#at += 1;
    }
    this.#openComments = depth;
  }

  #text(from: number, quote: string): void {
    let at = from;
    while (at < this.#code.length && this.#code[at] !== quote) at += this.#code[at] === "\\" ? 2 : 1;
    this.#literal(from, at, at + 1);
  }

  #rawText(opening: string): void {
    const from = this.#at + opening.length;
    const closing = `"${opening.slice(0, -1)}`;
    const end = this.#code.indexOf(closing, from);
    this.#literal(from, end < 0 ? this.#code.length : end, end < 0 ? this.#code.length : end + closing.length);
  }

  /** Up to its end or to code inside it; the closing brace of that code leads back here. */
  #template(from: number): void {
    let at = from;
    while (at < this.#code.length && this.#code[at] !== "`" && !this.#code.startsWith("${", at)) at += 1;
    const holdsCode = this.#code[at] === "$";
    this.#literal(from, at, holdsCode ? at + 2 : at + 1);
    if (!holdsCode) return;
    this.#open.push("template");
    this.#afterValue = false;
  }

  #literal(from: number, to: number, next: number): void {
    if (this.#code.slice(from, to).includes("exit")) this.#namesExit = true;
    this.#at = next;
    this.#afterValue = true;
  }
}

function match(pattern: RegExp, code: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(code)?.[0] ?? null;
}

const WORD = /[A-Za-z_0-9][A-Za-z_0-9]*/y;
const RAW_TEXT = /#+"/y;
/** After these a value begins. */
const PREFIX_WORDS: ReadonlySet<string> = new Set([
  "return",
  "throw",
  "in",
  "if",
  "else",
  "while",
  "until",
  "loop",
  "do",
  "switch",
  "case",
  "try",
  "catch",
  "let",
  "const",
  "for",
  "break",
]);
