/**
 * Backslash escapes in filter values, as the engine resolves them: control letters, `\/`, quotes, `\uXXXX`, `\u{X…}`,
 * `\xXX` and octal. Works on code points, as the engine does.
 */

/** Undefined when an escape is unknown or incomplete: the engine refuses such a value. */
export function unescapeValue(raw: string): string | undefined {
  if (!raw.includes("\\")) return raw;
  const characters = Array.from(raw);
  let text = "";
  for (let at = 0; at < characters.length;) {
    const character = characters[at]!;
    if (character !== "\\") {
      text += character;
      at += 1;
      continue;
    }
    const escape = readEscape(characters, at + 1);
    if (escape === undefined) return undefined;
    text += escape.text;
    at = escape.end;
  }
  return text;
}

interface Escape {
  readonly text: string;
  /** The first character behind it. */
  readonly end: number;
}

/** `at` is behind the backslash. */
function readEscape(characters: readonly string[], at: number): Escape | undefined {
  const letter = characters[at];
  if (letter === undefined) return undefined;
  const simple = SIMPLE.get(letter);
  if (simple !== undefined) return { text: simple, end: at + 1 };
  if (letter === "u") return readUnicode(characters, at + 1);
  if (letter === "x") return fromDigits(characters.slice(at + 1, at + 3), 2, at + 3);
  return readOctal(characters, at);
}

/** Four hexadecimal digits, or any number of them in braces; a missing closing brace is forgiven. */
function readUnicode(characters: readonly string[], at: number): Escape | undefined {
  if (characters[at] !== "{") return fromDigits(characters.slice(at, at + 4), 4, at + 4);
  const close = characters.indexOf("}", at);
  const digits = characters.slice(at + 1, close === -1 ? characters.length : close);
  return fromDigits(digits, digits.length, close === -1 ? characters.length : close + 1);
}

/** The engine reads digits as an unsigned number, which may carry a plus sign. */
function fromDigits(digits: readonly string[], wanted: number, end: number): Escape | undefined {
  const text = digits.join("");
  if (digits.length < wanted || !/^\+?[0-9a-fA-F]+$/.test(text)) return undefined;
  const codePoint = Number.parseInt(text, 16);
  const isScalar = codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
  return isScalar ? { text: String.fromCodePoint(codePoint), end } : undefined;
}

/** Up to three octal digits, as long as they stay below 256. */
function readOctal(characters: readonly string[], at: number): Escape | undefined {
  const first = characters[at]!;
  if (!/^[0-7]$/.test(first)) return undefined;
  const most = first <= "3" ? 3 : 2;
  let digits = first;
  for (; digits.length < most && /^[0-7]$/.test(characters[at + digits.length] ?? "");) {
    digits += characters[at + digits.length];
  }
  return { text: String.fromCodePoint(Number.parseInt(digits, 8)), end: at + digits.length };
}

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["'", "'"],
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
]);
