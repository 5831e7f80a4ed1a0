/**
 * Generated documents as JSON text written by hand, so that number literals (`1.0`, `1e3`, integers above 2^53) and odd
 * characters reach both sides as they are. Four shapes share their field names, so that settings and requests fit all.
 */
import type { Dice } from "./random.ts";

export interface GeneratedDocument {
  readonly id: string;
  /** JSON text of the object. */
  readonly text: string;
}

export type Shape = "films" | "products" | "odd" | "mixed";
export const SHAPES: readonly Shape[] = ["films", "products", "odd", "mixed"];

/** Every field that a generated document may have, nested ones with dots. */
export const FIELDS = [
  "id",
  "title",
  "body",
  "brand",
  "price",
  "tags",
  "meta.colour",
  "meta.size",
  "stock",
  "code",
  "year",
  "rating",
  "deep.a.b.c",
  "list.name",
  "list.n",
  "sku",
  "rare",
] as const;

export const BRAND_VALUES = ["Acme", "ACME", "acme", "Globex", "Initech", "Wayne Corp", "wonka", "Éclair", "eclair"];
export const COLOUR_VALUES = ["red", "green", "Blue", "blue", "dark red", "12"];
export const TAG_VALUES = ["new", "sale", "Sale", "eco", "rare", "classic", "limited edition", "10", "9"];

const SYLLABLES = ["ka", "lo", "mer", "tin", "sa", "vor", "el", "dri", "pan", "quo", "ris", "ta", "um", "bel", "cor"];
const REAL_WORDS =
  "the a of to and in on red dark knight night star stars war wars lost world new york house home light lights sun sunflower sun flower well being wellbeing super man superman rain coat raincoat run running runner 12 2024 x1 r2d2 don't l'été co-op state-of-the-art".split(
    " ",
  );
const ODD_WORDS =
  'été ÉTÉ naïve Straße STRASSE über ﬁsh Ångström ñandú 東京 東京都 日本語 テスト 안녕하세요 שלום مرحبا привет Ελλάδα 🙂 👨‍👩‍👧 a\u0301 e\u0301te \u200bzero C++ C# .NET node.js @you #tag 1,000 3.14 $5 50% <b>bold</b> a&b "quoted" back\\slash tab\tbed new\nline'.split(
    " ",
  );

export interface Words {
  readonly all: readonly string[];
  pick(dice: Dice): string;
}

/** A vocabulary with near words, so that typos, prefixes, splits and joins have something to find. */
export function makeWords(dice: Dice, shape: Shape, size = 500): Words {
  const words = new Set<string>(REAL_WORDS);
  if (shape === "odd" || shape === "mixed") for (const word of ODD_WORDS) words.add(word);
  while (words.size < size) {
    const word = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(SYLLABLES)).join("");
    words.add(word);
    if (word.length > 5 && dice.chance(0.3)) words.add(word.slice(0, -1) + dice.pick(["a", "e", "i", "o", "u"]));
    if (dice.chance(0.1)) words.add(word + dice.pick(SYLLABLES));
    if (dice.chance(0.15)) words.add(`${word}s`);
  }
  const all = dice.some([...words], words.size);
  // Rank r with probability about 1/r.
  return { all, pick: (chance) => all[Math.max(0, Math.floor(all.length ** chance.fraction()) - 1)] as string };
}

export function makeId(dice: Dice, position: number, shape: Shape): string {
  if (shape === "odd") return position % 3 === 0 ? `doc-${position}_x` : String(position * 7);
  return shape === "mixed" && dice.chance(0.2) ? `m${position}` : String(position);
}

export function makeDocument(dice: Dice, words: Words, shape: Shape, id: string): GeneratedDocument {
  const kind = shape === "mixed" ? dice.pick(["films", "products", "odd"] as const) : shape;
  const members: [string, string][] = [["id", idText(dice, id)], ...MEMBERS[kind](dice, words)];
  // Another order of fields, as different writers of one index would have it.
  const ordered = dice.chance(0.1) ? dice.some(members, members.length) : members;
  return { id, text: objectText(ordered) };
}

/** Some of the fields of a document, for a partial update. */
export function makePartialDocument(dice: Dice, words: Words, shape: Shape, id: string): GeneratedDocument {
  const kind = shape === "mixed" ? "products" : shape;
  const members = MEMBERS[kind](dice, words);
  return { id, text: objectText([["id", idText(dice, id)], ...dice.some(members, 1 + dice.below(3))]) };
}

function idText(dice: Dice, id: string): string {
  return /^\d+$/.test(id) && dice.chance(0.8) ? id : JSON.stringify(id);
}

type Members = (dice: Dice, words: Words) => [string, string][];

const films: Members = (dice, words) =>
  present([
    ["title", text(dice, words, 1 + dice.below(5))],
    ["body", dice.chance(0.9) && text(dice, words, 4 + dice.below(25))],
    ["tags", dice.chance(0.8) && JSON.stringify(dice.some(TAG_VALUES, dice.below(4)))],
    ["year", dice.chance(0.9) && String(1950 + dice.below(75))],
    ["rating", dice.chance(0.8) && `${dice.below(10)}.${dice.below(10)}${dice.pick(["", "0"])}`],
    ["brand", dice.chance(0.5) && JSON.stringify(dice.pick(BRAND_VALUES))],
    ["price", dice.chance(0.5) && String(dice.below(40))],
    ["meta", dice.chance(0.5) && meta(dice)],
    ["_geo", dice.chance(0.5) && geo(dice)],
  ]);

const products: Members = (dice, words) =>
  present([
    ["title", text(dice, words, 2 + dice.below(3))],
    ["brand", dice.chance(0.9) && JSON.stringify(dice.pick(BRAND_VALUES))],
    ["price", dice.chance(0.85) && price(dice)],
    ["tags", dice.chance(0.7) && tags(dice)],
    ["meta", dice.chance(0.8) && meta(dice)],
    ["stock", dice.chance(0.6) && dice.pick(["true", "false", "null", "0", '"true"'])],
    ["code", dice.chance(0.7) && code(dice)],
    ["sku", dice.chance(0.5) && dice.pick(["9007199254740993", "12345678901234567890", "-9223372036854775808", "1.0"])],
    ["list", dice.chance(0.4) && list(dice)],
    ["rating", dice.chance(0.6) && dice.pick(["1.0", "1e0", "1.50", "1.5", "2E1", "0", "0.1", "1e-7", "100", "99"])],
    ["body", dice.chance(0.5) && text(dice, words, 3 + dice.below(12))],
    ["_geo", dice.chance(0.4) && geo(dice)],
    ["rare", dice.chance(0.01) && JSON.stringify(dice.pick(["once", "twice", "1"]))],
  ]);

const odd: Members = (dice, words) =>
  present([
    ["title", dice.chance(0.9) && dice.pick([text(dice, words, 1 + dice.below(4)), '""', '" "', "null", "42"])],
    ["body", dice.chance(0.6) && dice.pick([text(dice, words, 3 + dice.below(20)), nestedTexts(dice, words)])],
    ["brand", dice.chance(0.6) && dice.pick([JSON.stringify(dice.pick(BRAND_VALUES)), "null", "[]", "{}", '" acme "'])],
    ["price", dice.chance(0.6) && price(dice)],
    ["deep", dice.chance(0.5) && deep(dice, words)],
    ["list", dice.chance(0.5) && list(dice)],
    ["deep.a.b.c", dice.chance(0.05) && JSON.stringify(dice.pick(COLOUR_VALUES))],
    ["tags", dice.chance(0.6) && tags(dice)],
    ["meta", dice.chance(0.4) && dice.pick([meta(dice), "null", '"flat"', "[]"])],
    ["code", dice.chance(0.5) && code(dice)],
    ["", dice.chance(0.03) && '"empty key"'],
    ["ключ", dice.chance(0.1) && '"значение"'],
    ["10", dice.chance(0.1) && '"integer-like key"'],
    ["rare", dice.chance(0.01) && "7"],
  ]);

const MEMBERS: Readonly<Record<Exclude<Shape, "mixed">, Members>> = { films, products, odd };

function text(dice: Dice, words: Words, length: number): string {
  const joined = Array.from({ length }, () => words.pick(dice)).join(
    dice.chance(0.9) ? " " : dice.pick([", ", "-", ". "]),
  );
  return JSON.stringify(dice.chance(0.3) ? joined.slice(0, 1).toUpperCase() + joined.slice(1) : joined);
}

function nestedTexts(dice: Dice, words: Words): string {
  return `[${text(dice, words, 2)},{"inner":${text(dice, words, 3)}},[${text(dice, words, 2)}]]`;
}

function price(dice: Dice): string {
  return dice.chance(0.85)
    ? dice.pick([String(dice.below(60)), `${dice.below(60)}.${dice.below(10)}`, `${dice.below(60)}.0`])
    : dice.pick(['"ask"', '"Sold out"', "null", '"12"', "[10, 30]", "[5]", "true"]);
}

function tags(dice: Dice): string {
  const values: string[] = dice.some(TAG_VALUES, dice.below(4)).map((value) => JSON.stringify(value));
  if (dice.chance(0.15)) values.push(dice.pick(["10", "9", "null", "true", "1.5", '["nested"]']));
  return dice.chance(0.1) ? dice.pick(['"sale"', "null", "[]"]) : `[${values.join(dice.pick([",", ", "]))}]`;
}

function code(dice: Dice): string {
  const number = String(dice.below(30));
  return dice.chance(0.5) ? JSON.stringify(number) : dice.pick([number, `"0${number}"`, `"C${number}"`]);
}

function meta(dice: Dice): string {
  return `{"colour":${JSON.stringify(dice.pick(COLOUR_VALUES))},"size":${dice.below(10)}}`;
}

function deep(dice: Dice, words: Words): string {
  const leaf = dice.pick([
    text(dice, words, 2),
    String(dice.below(20)),
    JSON.stringify(dice.pick(COLOUR_VALUES)),
    "null",
  ]);
  return dice.chance(0.7) ? `{"a":{"b":{"c":${leaf}},"x":1.0}}` : `{"a":[{"b":{"c":${leaf}}},{"b":{"c":"red"}}]}`;
}

function list(dice: Dice): string {
  const items = Array.from(
    { length: dice.below(4) },
    () => `{"name":${JSON.stringify(dice.pick(TAG_VALUES))},"n":${dice.below(12)}}`,
  );
  return `[${items.join(",")}]`;
}

/** A few places far apart, none of them within a metre of another unless it is the same one. */
function geo(dice: Dice): string {
  const [lat, lng] = [4_000 + dice.below(2_000), dice.below(2_000)];
  if (dice.chance(0.05)) return "null";
  return dice.chance(0.9)
    ? `{"lat":${(lat / 100).toFixed(2)},"lng":${(lng / 100).toFixed(2)}}`
    : `{"lat":"${lat / 100}","lng":"${lng / 100}"}`;
}

function present(members: readonly (readonly [string, string | false])[]): [string, string][] {
  return members.filter((entry): entry is [string, string] => entry[1] !== false);
}

function objectText(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`;
}
