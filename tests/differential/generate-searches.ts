/** Generated search bodies: every parameter of a search, over the fields and settings of one generated index. */
import { BRAND_VALUES, COLOUR_VALUES, TAG_VALUES, type Words } from "./generate-documents.ts";
import { DIMENSIONS, type GeneratedSettings } from "./generate-settings.ts";
import type { Kind } from "./kinds.ts";
import type { Dice } from "./random.ts";

export interface SearchWorld {
  readonly words: Words;
  readonly ids: readonly string[];
  readonly settings: GeneratedSettings;
  readonly kinds: ReadonlySet<Kind>;
}

export type Body = Record<string, unknown>;

const RETRIEVABLE = ["id", "title", "brand", "meta", "meta.colour", "price", "tags", "deep.a", "list", "*", "nowhere"];
const FORMATTED = ["title", "body", "brand", "tags", "meta.colour", "price", "list.name", "*"];

export function makeSearch(dice: Dice, world: SearchWorld): Body {
  const body: Body = {};
  const put = (probability: number, key: string, value: () => unknown): void => {
    if (dice.chance(probability)) body[key] = value();
  };
  const q = makeQuery(dice, world.words);
  if (q !== undefined) body["q"] = q;
  put(0.4, "filter", () => makeFilter(dice, world));
  put(0.3, "sort", () => makeSort(dice, world.settings.sortable));
  put(0.3, "facets", () => makeFacets(dice, world.settings.filterable));
  Object.assign(body, makePaging(dice));
  addPresentation(dice, body);
  put(0.12, "attributesToSearchOn", () => dice.some([...world.settings.searchable, "title"], 1 + dice.below(2)));
  put(0.3, "matchingStrategy", () =>
    dice.pick(world.kinds.has("frequency") ? ["all", "last", "frequency"] : ["all", "last"]),
  );
  put(0.05, "locales", () => dice.some(["eng", "fra", "jpn"], 1 + dice.below(2)));
  if (world.kinds.has("threshold")) put(0.2, "rankingScoreThreshold", () => dice.below(11) / 10);
  if (world.kinds.has("distinct")) put(0.2, "distinct", () => dice.pick(world.settings.filterable));
  if (world.kinds.has("vector")) addVector(dice, body, world.settings);
  return body;
}

export function makeQuery(dice: Dice, words: Words): string | null | undefined {
  const word = (): string => words.pick(dice);
  switch (dice.below(14)) {
    case 0:
      return dice.pick([undefined, "", null, "   ", "-", '"', '""', "!!!"]);
    case 1:
    case 2:
      return word();
    case 3:
      return word().slice(0, 1 + dice.below(4));
    case 4:
      return misspell(dice, word());
    case 5:
      return `"${word()} ${word()}"`;
    case 6:
      return `${word()} -${word()}`;
    case 7:
      return `${word()} "${word()} ${word()}" ${word()}`;
    case 8:
      return `${word()}${word()} ${word()}`;
    case 9:
      return dice.pick([
        `-${word()}`,
        `-"${word()} ${word()}"`,
        word().toUpperCase(),
        `${word()} `,
        `${word()}-${word()}`,
      ]);
    case 10:
      return Array.from({ length: 5 + dice.below(9) }, word).join(" ");
    case 11:
      return `${misspell(dice, word())} ${misspell(dice, word())} ${word().slice(0, 2)}`;
    default:
      return Array.from({ length: 2 + dice.below(3) }, word).join(" ");
  }
}

function misspell(dice: Dice, word: string): string {
  const at = dice.below(word.length);
  switch (dice.below(3)) {
    case 0:
      return word.slice(0, at) + word.slice(at + 1) || word;
    case 1:
      return `${word.slice(0, at)}z${word.slice(at)}`;
    default:
      return word.slice(0, at) + word.slice(at + 1, at + 2) + word.slice(at, at + 1) + word.slice(at + 2);
  }
}

export function makeFilter(dice: Dice, world: SearchWorld): unknown {
  const clause = (): string => makeClause(dice, world);
  switch (dice.below(8)) {
    case 0:
      return [clause(), clause()];
    case 1:
      return [[clause(), clause()], clause()];
    case 2:
      return `${clause()} AND (${clause()} OR ${clause()})`;
    case 3:
      return `NOT (${clause()} OR ${clause()})`;
    case 4:
      return `${clause()} ${dice.pick(["OR", "AND", "or", "and"])} ${clause()}`;
    case 5:
      return dice.pick([[], "", [[clause()]], `(${clause()})`]);
    default:
      return clause();
  }
}

function makeClause(dice: Dice, world: SearchWorld): string {
  const { filterable } = world.settings;
  const field = dice.pick(filterable.filter((name) => name !== "_geo"));
  const value = (): string => quoted(dice, valueOf(dice, field, world));
  switch (dice.below(11)) {
    case 0:
    case 1:
    case 2:
      return `${field} ${dice.pick(["=", "!="])} ${value()}`;
    case 3:
      return `${field} ${dice.pick(["IN", "NOT IN"])} [${value()}, ${value()}${dice.chance(0.2) ? "," : ""}]`;
    case 4:
      return `${field} ${dice.pick([">", ">=", "<", "<="])} ${dice.pick(["5", "12.5", "0", "1990", "30"])}`;
    case 5:
      return `${field} ${dice.pick(["2 TO 7", "0 TO 30.5", "1960 TO 2000", "9 TO 1"])}`;
    case 6:
      return `${dice.pick(["", "NOT "])}${field} ${dice.pick(["EXISTS", "NOT EXISTS", "IS NULL", "IS NOT NULL", "IS EMPTY", "IS NOT EMPTY"])}`;
    case 7:
      return `id ${dice.pick(["=", "!="])} ${quoted(dice, dice.pick(world.ids))}`;
    case 8:
      return `id IN [${dice.some(world.ids, 1 + dice.below(5)).join(", ")}]`;
    case 9:
      return filterable.includes("_geo") ? geoClause(dice) : `${field} STARTS WITH ${value()}`;
    default:
      return `${field} ${dice.pick(["STARTS WITH", "NOT STARTS WITH"])} ${quoted(dice, valueOf(dice, field, world).slice(0, 2))}`;
  }
}

function geoClause(dice: Dice): string {
  const [lat, lng] = [40 + dice.below(20), dice.below(20)];
  return dice.pick([
    `_geoRadius(${lat}, ${lng}, ${100_000 + dice.below(900_000)})`,
    `_geoBoundingBox([${lat + 10}, ${lng + 10}], [${lat - 5}, ${lng - 5}])`,
    `_geoPolygon([${lat}, ${lng}], [${lat + 9}, ${lng}], [${lat + 5}, ${lng + 9}])`,
  ]);
}

function valueOf(dice: Dice, field: string, world: SearchWorld): string {
  switch (field) {
    case "brand":
      return dice.pick(BRAND_VALUES);
    case "meta.colour":
      return dice.pick(COLOUR_VALUES);
    case "tags":
    case "list.name":
      return dice.pick(TAG_VALUES);
    case "stock":
      return dice.pick(["true", "false", "0"]);
    case "year":
      return String(1950 + dice.below(75));
    case "sku":
      return dice.pick(["9007199254740993", "9007199254740992", "12345678901234567890", "1"]);
    case "rating":
      return dice.pick(["1", "1.0", "1.5", "20", "0", "0.0000001", "7.1"]);
    case "id":
      return dice.pick(world.ids);
    case "title":
    case "body":
    case "deep.a.b.c":
      return world.words.pick(dice);
    default:
      return dice.pick([String(dice.below(40)), "ask", "C5", "03", "once", "12"]);
  }
}

function quoted(dice: Dice, value: string): string {
  if (/^[\w.-]+$/.test(value) && dice.chance(0.6)) return value;
  return dice.chance(0.5) && !value.includes("'") && !value.includes("\\")
    ? `'${value}'`
    : `"${value.replaceAll(/["\\]/g, (char) => `\\${char}`)}"`;
}

export function makeSort(dice: Dice, sortable: readonly string[]): readonly string[] {
  return dice.some(sortable, 1 + dice.below(2)).map((name) => {
    const subject = name === "_geo" ? `_geoPoint(${45 + dice.below(10)}, ${5 + dice.below(10)})` : name;
    return `${subject}:${dice.pick(["asc", "desc"])}`;
  });
}

function makeFacets(dice: Dice, filterable: readonly string[]): readonly string[] {
  if (dice.chance(0.2)) return ["*"];
  if (dice.chance(0.05)) return [];
  return dice.some(
    filterable.filter((name) => name !== "_geo" && name !== "id"),
    1 + dice.below(3),
  );
}

export function makePaging(dice: Dice): Body {
  switch (dice.below(7)) {
    case 0:
      return { page: dice.below(4), hitsPerPage: dice.below(30) };
    case 1:
      return dice.chance(0.5) ? { page: 1 + dice.below(3) } : { hitsPerPage: dice.below(12) };
    case 2:
      return { offset: dice.below(60), limit: dice.below(40) };
    case 3:
      return { limit: 1 + dice.below(100) };
    case 4:
      return { offset: dice.pick([0, 5, 200, 100_000]), limit: dice.pick([0, 1, 1_000]) };
    default:
      return {};
  }
}

function addPresentation(dice: Dice, body: Body): void {
  const put = (probability: number, key: string, value: () => unknown): void => {
    if (dice.chance(probability)) body[key] = value();
  };
  put(0.2, "attributesToRetrieve", () => dice.some(RETRIEVABLE, dice.below(4)));
  put(0.2, "attributesToHighlight", () => dice.some(FORMATTED, 1 + dice.below(2)));
  put(0.15, "attributesToCrop", () => dice.some(FORMATTED, 1).map((name) => name + dice.pick(["", ":3", ":10"])));
  if (body["attributesToCrop"] !== undefined) {
    put(0.3, "cropLength", () => dice.below(8));
    put(0.3, "cropMarker", () => dice.pick(["[...]", "", "→"]));
  }
  if (body["attributesToHighlight"] !== undefined) {
    put(0.3, "highlightPreTag", () => dice.pick(["<b>", "", "__"]));
    put(0.3, "highlightPostTag", () => dice.pick(["</b>", "", "__"]));
  }
  put(0.1, "showMatchesPosition", () => true);
  put(0.15, "showRankingScore", () => true);
  put(0.15, "showRankingScoreDetails", () => true);
  put(0.03, "showPerformanceDetails", () => true);
  put(0.05, "retrieveVectors", () => true);
}

export function makeVector(dice: Dice): readonly number[] {
  return Array.from({ length: DIMENSIONS }, () => dice.below(2_001) / 1_000 - 1);
}

function addVector(dice: Dice, body: Body, { embedder }: GeneratedSettings): void {
  if (embedder === null || !dice.chance(0.5)) return;
  body["vector"] = makeVector(dice);
  body["hybrid"] = { embedder, semanticRatio: dice.pick([0, 0.2, 0.5, 0.8, 1]) };
}
