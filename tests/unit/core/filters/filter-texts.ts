/** Random filter texts: right ones in every form of the grammar, the same with small damages, and soups of tokens. */
import * as fc from "fast-check";

const words = fc.constantFrom(
  "a",
  "b.c",
  "id",
  "7",
  "-3.5",
  "1e2",
  "_x",
  "é",
  "and",
  "in",
  "_geoPolygon",
  "_vectors",
  "NOTa",
);
const quoted = fc.constantFrom(
  "'x y'",
  '"x"',
  "''",
  "'it\\'s'",
  '"\\"q\\""',
  "'\\u{41}'",
  "'\\x41\\101'",
  "'a\\nb'",
  "'🦀'",
);
const values = fc.oneof({ weight: 3, arbitrary: words }, quoted);
const blanks = fc.constantFrom(...Array.from({ length: 20 }, () => " "), "  ", "\t", "\n", "\u00a0");
const numbers = fc.oneof(
  { weight: 19, arbitrary: fc.constantFrom("1", "-2.5", "+3", ".5", "4.", "1e1", "0", "1e999") },
  fc.constantFrom("1e", "x", "1.2.3", "+", ""),
);

/** The parts with a blank between them, sometimes another one or none. */
function spaced(...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  const gaps = fc.array(fc.oneof({ weight: 29, arbitrary: blanks }, fc.constant("")), {
    minLength: parts.length,
    maxLength: parts.length,
  });
  return fc
    .tuple(fc.tuple(...parts), gaps)
    .map(([texts, between]) => texts.map((text, i) => (i === 0 ? text : between[i]! + text)).join(""));
}

const literal = (text: string): fc.Arbitrary<string> => fc.constant(text);
const list = fc.array(values, { maxLength: 3 }).map((items) => `[${items.join(", ")}]`);
const points = fc
  .array(fc.tuple(numbers, numbers), { minLength: 1, maxLength: 4 })
  .map((pairs) => pairs.map((pair) => `[${pair.join(", ")}]`).join(", "));

const conditions = fc.oneof(
  spaced(values, fc.constantFrom("=", "!=", "<", "<=", ">", ">=", "=="), values),
  spaced(values, fc.constantFrom("IN", "NOT IN", "in"), list),
  spaced(values, fc.constantFrom("EXISTS", "NOT EXISTS", "IS NULL", "IS NOT NULL", "IS EMPTY", "IS NOT EMPTY")),
  spaced(values, fc.constantFrom("CONTAINS", "NOT CONTAINS", "STARTS WITH", "NOT STARTS WITH"), values),
  spaced(values, values, literal("TO"), values),
  spaced(
    literal("_vectors"),
    fc.constantFrom("", ".a", ".'x y'", ".a.userProvided", ".a.fragments.b", ".a.fragments", ".a.regenerate", ".a.z"),
    fc.constantFrom("EXISTS", "NOT EXISTS", "= 1"),
  ),
  fc.array(numbers, { minLength: 1, maxLength: 5 }).map((args) => `_geoRadius(${args.join(", ")})`),
  points.map((args) => `_geoBoundingBox(${args})`),
  fc.tuple(points, fc.constantFrom("", ",")).map(([args, comma]) => `_geoPolygon(${args}${comma})`),
);

const { filter: rightFilters } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: "small" },
    conditions,
    spaced(tie("filter"), fc.constantFrom("AND", "OR", "and"), tie("filter")),
    spaced(literal("NOT"), tie("filter")),
    tie("filter").map((inner) => `(${inner})`),
    tie("filter").map((inner) => `_foreign(a, ${inner})`),
  ),
}));

const damagedFilters = fc
  .tuple(
    rightFilters,
    fc.nat(),
    fc.nat(3),
    fc.constantFrom("", " ", "'", '"', "\\", "(", ")", "]", ",", "A", "_geo", "NOT "),
  )
  .map(([text, place, removed, put]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + put + text.slice(at + removed);
  })
  // A cut through a surrogate pair is no text that JSON could carry.
  .filter((text) => text.isWellFormed());

const tokens =
  "AND OR NOT IN TO EXISTS IS NULL EMPTY CONTAINS STARTS WITH = != < <= ( ) [ ] , a b 1 '' 'x' _geo _geoRadius _geoPoint _geoPolygon _vectors _vectors. _foreign _geoDistance . \\ ' ! é 🦀";
const soups = fc
  .array(fc.tuple(fc.constantFrom(...tokens.split(" ")), fc.constantFrom(" ", " ", "")), { maxLength: 9 })
  .map((parts) => parts.map((part) => part.join("")).join(""));

export const filterTexts = fc.oneof(
  { weight: 5, arbitrary: rightFilters },
  { weight: 3, arbitrary: damagedFilters },
  { weight: 1, arbitrary: soups },
);
