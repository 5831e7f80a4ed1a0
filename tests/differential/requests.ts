/** Generated searches over one index: every kind of query text, filter, sort, facet and paging this version merges. */
import { BRANDS, COLOURS, TAGS, zipfWord } from "./corpus.ts";
import { createDice, type Dice } from "./random.ts";

export interface GeneratedRequest {
  readonly method: "POST" | "GET";
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export function makeSearches(
  seed: number,
  count: number,
  vocabulary: readonly string[],
  index: string,
): GeneratedRequest[] {
  const dice = createDice(seed);
  return Array.from({ length: count }, () => ({
    method: "POST",
    path: `/indexes/${index}/search`,
    body: makeSearch(dice, vocabulary),
  }));
}

function makeSearch(dice: Dice, vocabulary: readonly string[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const q = makeQuery(dice, vocabulary);
  if (q !== undefined) body["q"] = q;
  if (dice.chance(0.4)) body["filter"] = makeFilter(dice);
  if (dice.chance(0.3)) body["sort"] = makeSort(dice);
  if (dice.chance(0.3))
    body["facets"] = dice.chance(0.2) ? ["*"] : dice.some(["brand", "tags", "meta.colour", "price", "stock"], 2);
  addPaging(dice, body);
  if (dice.chance(0.15)) body["attributesToHighlight"] = dice.chance(0.5) ? ["*"] : ["title"];
  if (dice.chance(0.1)) body["attributesToCrop"] = ["body:6"];
  if (dice.chance(0.1)) body["attributesToRetrieve"] = dice.some(["id", "title", "brand", "meta.colour"], 2);
  if (dice.chance(0.1)) body["attributesToSearchOn"] = dice.some(["title", "body", "brand"], 1);
  if (dice.chance(0.1)) body["showMatchesPosition"] = true;
  if (dice.chance(0.2)) body["matchingStrategy"] = dice.pick(["all", "last"]);
  return body;
}

function makeQuery(dice: Dice, vocabulary: readonly string[]): string | undefined {
  const word = (): string => zipfWord(dice, vocabulary);
  switch (dice.below(8)) {
    case 0:
      return dice.chance(0.5) ? undefined : "";
    case 1:
      return word();
    case 2:
      return word().slice(0, 1 + dice.below(4));
    case 3:
      return misspell(dice, word());
    case 4:
      return `"${word()} ${word()}"`;
    case 5:
      return `${word()} -${word()}`;
    default:
      return Array.from({ length: 2 + dice.below(3) }, word).join(" ");
  }
}

function misspell(dice: Dice, word: string): string {
  const at = dice.below(word.length);
  return dice.chance(0.5) ? word.slice(0, at) + word.slice(at + 1) : `${word.slice(0, at)}z${word.slice(at)}`;
}

function makeFilter(dice: Dice): unknown {
  const clauses = Array.from({ length: 1 + dice.below(2) }, () => makeClause(dice));
  if (dice.chance(0.3)) return clauses;
  if (dice.chance(0.2)) return [clauses, makeClause(dice)];
  return clauses.join(dice.chance(0.5) ? " AND " : " OR ");
}

function makeClause(dice: Dice): string {
  switch (dice.below(9)) {
    case 0:
      return `brand = ${dice.pick(BRANDS)}`;
    case 1:
      return `price ${dice.pick([">", "<", ">=", "<="])} ${dice.below(900)}`;
    case 2:
      return `tags IN [${dice.some(TAGS, 2).join(", ")}]`;
    case 3:
      return `NOT meta.colour = ${dice.pick(COLOURS)}`;
    case 4:
      return `meta.size ${dice.below(5)} TO ${5 + dice.below(5)}`;
    case 5:
      return dice.pick(["stock EXISTS", "price IS NULL", "tags IS NOT EMPTY", "brand NOT EXISTS"]);
    case 6:
      return `id IN [${Array.from({ length: 1 + dice.below(4) }, () => dice.below(2_000)).join(", ")}]`;
    case 7:
      return `_geoRadius(${40 + dice.below(20)}, ${dice.below(20)}, ${100_000 + dice.below(900_000)})`;
    default:
      return `stock = ${dice.pick(["true", "false"])}`;
  }
}

function makeSort(dice: Dice): readonly string[] {
  const rules = dice
    .some(["price", "brand", "id", "meta.size"], 1 + dice.below(2))
    .map((name) => `${name}:${dice.pick(["asc", "desc"])}`);
  return dice.chance(0.15)
    ? [`_geoPoint(${45 + dice.below(10)}, ${5 + dice.below(10)}):${dice.pick(["asc", "desc"])}`, ...rules]
    : rules;
}

function addPaging(dice: Dice, body: Record<string, unknown>): void {
  switch (dice.below(5)) {
    case 0:
      body["page"] = dice.below(4);
      body["hitsPerPage"] = dice.below(30);
      return;
    case 1:
      body["offset"] = dice.below(60);
      body["limit"] = dice.below(40);
      return;
    case 2:
      body["limit"] = 1 + dice.below(100);
      return;
    default:
  }
}
