/**
 * Generated changes of settings, plain and odd ones: words in every spelling, attributes twice or with patterns, parts of
 * groups, values that are refused. What a node makes of each is what Miroir has to know of it.
 */
import type { Dice } from "../differential/random.ts";

export interface SettingsRequest {
  readonly method: "PATCH" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

/** They opt out of every embedder, so that one can be set up without any vector. */
export const SETTINGS_DOCUMENTS = [
  { id: 1, title: "Zoé the été", genre: "a", year: 1, meta: { id: 1 }, _geo: { lat: 1, lng: 2 } },
  { id: 2, title: "straße 10", genre: ["b"], year: "x", meta: { id: "y" } },
].map((document) => ({ ...document, _vectors: { a: null, b: null } }));

export function settingsRequest(dice: Dice, uid: string): SettingsRequest {
  const path = `/indexes/${uid}/settings`;
  const chance = dice.fraction();
  if (chance < 0.6) return { method: "PATCH", path, body: changeOfSome(dice) };
  const key = dice.pick(KEYS);
  const one = `${path}/${key.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
  if (chance < 0.9) return { method: GROUPS.has(key) ? "PATCH" : "PUT", path: one, body: valueOf(dice, key) };
  return { method: "DELETE", path: chance < 0.97 ? one : path };
}

function changeOfSome(dice: Dice): Readonly<Record<string, unknown>> {
  const keys = KEYS.filter(() => dice.chance(0.15));
  const named = keys.length === 0 ? [dice.pick(KEYS)] : keys;
  return Object.fromEntries(named.map((key) => [key, valueOf(dice, key)]));
}

function valueOf(dice: Dice, key: string): unknown {
  return dice.chance(0.1) ? null : VALUES[key]?.(dice);
}

const WORDS = [
  ..."a|the|of|Of|OF|Zoé|ZOE|straße|l'avion|東京|ﬁne|w15|10|1e3|été| x |hello world|_|a-b|É|İ|ß|😀|z|B".split("|"),
  ..."ff ff,C++,#,&, ,,\u0301".split(","),
];
const ATTRIBUTES = "title,genre,year,meta.id,meta,*,_geo,_vectors,price,Tïtre,a b,meta.*,title,_geojson,,id".split(",");
const RULES = [
  ..."words,typo,proximity,attribute,sort,exactness,attributeRank,wordPosition,words,custom".split(","),
  ..."price:asc|year:desc|_geo:asc|asc(price)|title:ASC|a b:asc|_geoPoint(1,2):asc|price : asc|meta.id:desc".split("|"),
];

function upTo(count: number, from: readonly string[]): (dice: Dice) => readonly string[] {
  return (dice) => Array.from({ length: dice.below(count) }, () => dice.pick(from));
}

function oneOf(...values: readonly unknown[]): (dice: Dice) => unknown {
  return (dice) => dice.pick(values);
}

/** Each part is there or not. */
function group(parts: Readonly<Record<string, (dice: Dice) => unknown>>): (dice: Dice) => unknown {
  return (dice) =>
    Object.fromEntries(
      Object.entries(parts).flatMap(([part, value]) => (dice.chance(0.5) ? [[part, value(dice)] as const] : [])),
    );
}

const words = upTo(5, WORDS);
const attributes = upTo(5, ATTRIBUTES);
const WORD_SIZES = [
  ...[3, 256, null].map((oneTypo) => ({ oneTypo })),
  ...[4, 0, 255].map((size) => ({ oneTypo: size, twoTypos: size })),
  { twoTypos: 7 },
  { oneTypo: 9, twoTypos: 3 },
  {},
  null,
];
const VECTORS = { source: "userProvided", dimensions: 2 };

const VALUES: Readonly<Record<string, (dice: Dice) => unknown>> = {
  displayedAttributes: attributes,
  searchableAttributes: attributes,
  filterableAttributes: (dice) =>
    Array.from({ length: dice.below(4) }, () =>
      dice.chance(0.7) ? dice.pick(ATTRIBUTES) : { attributePatterns: upTo(3, ATTRIBUTES)(dice), ...features(dice) },
    ),
  sortableAttributes: attributes,
  rankingRules: upTo(8, RULES),
  stopWords: words,
  nonSeparatorTokens: words,
  separatorTokens: words,
  dictionary: words,
  synonyms: (dice) => Object.fromEntries(words(dice).map((word) => [word, words(dice)])),
  distinctAttribute: oneOf(...ATTRIBUTES),
  proximityPrecision: oneOf("byWord", "byAttribute", "ByWord", "x"),
  typoTolerance: group({
    enabled: oneOf(true, false, null),
    minWordSizeForTypos: oneOf(...WORD_SIZES),
    disableOnWords: words,
    disableOnAttributes: attributes,
    disableOnNumbers: oneOf(true, false, null),
  }),
  faceting: group({
    maxValuesPerFacet: oneOf(0, 1, 5, 100, 1_000, 99_999, null, -1, 4_294_967_296),
    sortFacetValuesBy: (dice) =>
      Object.fromEntries(attributes(dice).map((name) => [name, dice.pick(["alpha", "count"])])),
  }),
  pagination: group({ maxTotalHits: oneOf(10, 0, null, 100_000_000, 1.5) }),
  searchCutoffMs: oneOf(0, 1, 150, 1_500_000, -1, "x"),
  localizedAttributes: oneOf(
    [],
    [{ attributePatterns: ["title", "*_ja"], locales: ["jpn"] }],
    [{ attributePatterns: [], locales: [] }],
    [{ attributePatterns: ["*"], locales: ["fra", "eng"] }],
    [{ attributePatterns: ["a"], locales: ["xx"] }],
  ),
  facetSearch: oneOf(true, false),
  prefixSearch: oneOf("indexingTime", "disabled", "x"),
  embedders: oneOf(
    {},
    { a: VECTORS },
    { a: VECTORS, b: { source: "userProvided", dimensions: 3, binaryQuantized: true } },
    { a: null },
    { b: { source: "userProvided" } },
    { a: { ...VECTORS, distribution: { mean: 0.5, sigma: 0.3 } } },
  ),
};

function features(dice: Dice): object {
  return dice.pick([
    { features: { facetSearch: true, filter: { equality: true, comparison: false } } },
    { features: { facetSearch: false } },
    { features: { filter: { comparison: true } } },
    { features: null },
    { features: {} },
    {},
  ]);
}

const KEYS = Object.keys(VALUES);
/** Changed part by part. */
const GROUPS: ReadonlySet<string> = new Set(["faceting", "pagination", "typoTolerance", "embedders"]);
