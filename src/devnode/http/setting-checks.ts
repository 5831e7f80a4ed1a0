/** What the value of each setting must be, in the engine's words. */
import type { AttributeRule, FilterableRule } from "../index/attribute-patterns.ts";
import { checkWordSizes, type SettingsChange, sortedMap, sortedSet } from "../index/settings.ts";
import { NodeError } from "../node-error.ts";
import { LOCALES } from "../text/locales.ts";
import {
  arrayOf,
  boolean,
  checkFields,
  integer,
  missingField,
  number,
  object,
  oneOf,
  string,
  strings,
  type Check,
  type FieldSpec,
} from "./validate.ts";

export function filterableRule(value: unknown, at: string, code: string): FilterableRule {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return string(value, at, code);
  const flag = { check: boolean, code, refusesNull: true };
  const filter: Check<unknown> = (item, where) => ({
    equality: true,
    comparison: false,
    ...checkFields(item, { equality: flag, comparison: flag }, where, code),
  });
  const features: Check<unknown> = (item, where) => ({
    facetSearch: false,
    filter: { equality: true, comparison: false },
    ...checkFields(item, { facetSearch: flag, filter: { check: filter, code, refusesNull: true } }, where, code),
  });
  const rule = checkFields(
    value,
    {
      attributePatterns: { check: strings, code, refusesNull: true },
      features: { check: features, code, refusesNull: true },
    },
    at,
    code,
  );
  if (rule["attributePatterns"] === undefined)
    throw new NodeError(code, `Missing field \`attributePatterns\` inside \`${at}\``);
  const { attributePatterns, features: given } = rule as Partial<AttributeRule>;
  const allowed = given ?? { facetSearch: false, filter: { equality: true, comparison: false } };
  return { attributePatterns: attributePatterns ?? [], features: allowed };
}

export function sortedStrings(value: unknown, at: string, code: string): string[] {
  return sortedSet(strings(value, at, code));
}

const NAMED_RULES = ["words", "typo", "proximity", "attribute", "attributeRank", "wordPosition", "sort", "exactness"];
const RESERVED = ["_geo", "_geojson", "_geoDistance", "_geoPoint", "_geoRadius", "_geoBoundingBox", "_geoPolygon"];

export function rankingRules(value: unknown, at: string, code: string): string[] {
  const rules = strings(value, at, code);
  for (const [position, rule] of rules.entries()) {
    if (NAMED_RULES.includes(rule)) continue;
    const field = /^(.+):(?:asc|desc)$/s.exec(rule)?.[1];
    const name = field ?? rule;
    const reserved = RESERVED.find((word) => name === word || name.startsWith(`${word}(`));
    const why =
      reserved !== undefined
        ? `\`${reserved}\` is a reserved keyword and thus can't be used as a ranking rule${reserved === "_geoPoint" ? `. \`${reserved}\` can only be used for sorting at search time` : ""}`
        : field === undefined
          ? `\`${rule}\` ranking rule is invalid. Valid ranking rules are words, typo, sort, proximity, attribute, exactness and custom ranking rules.`
          : null;
    if (why !== null) throw new NodeError(code, `Invalid value at \`${at}[${position}]\`: ${why}`);
  }
  if (rules.includes("attribute") && (rules.includes("attributeRank") || rules.includes("wordPosition"))) {
    throw new NodeError(
      code,
      "Mixed usage of the attribute, attributeRank, and wordPosition ranking rules. You must either use the attribute ranking rule alone or the attributeRank and wordPosition ranking rules.",
    );
  }
  return rules;
}

export function synonyms(value: unknown, at: string, code: string): Record<string, string[]> {
  const entries = Object.entries(object(value, at, code));
  return sortedMap(Object.fromEntries(entries.map(([word, list]) => [word, strings(list, `${at}.${word}`, code)])));
}

/** Parts of a setting; a null resets its part, so it must not be lost among the absent ones. */
function parts(specsOf: (code: string) => Readonly<Record<string, FieldSpec>>): Check<SettingsChange> {
  return (value, at, code) => {
    const specs = specsOf(code);
    return withNulls(object(value, at, code), checkFields(value, specs, at, code), Object.keys(specs));
  };
}

/** In the order of `keys`, in which the engine shows them, whatever the order in which they were sent. */
export function withNulls(
  body: Readonly<Record<string, unknown>>,
  checked: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): SettingsChange {
  const given = keys.filter((key) => key in checked || body[key] === null);
  return Object.fromEntries(given.map((key) => [key, checked[key] ?? null]));
}

export const typoTolerance = parts((code) => {
  const size = { check: byte, code };
  const given = parts(() => ({ oneTypo: size, twoTypos: size }));
  const sizes: Check<unknown> = (item, where) => {
    const checked = given(item, where, code);
    const { oneTypo, twoTypos } = checked;
    if (typeof oneTypo === "number" && typeof twoTypos === "number") {
      checkWordSizes(oneTypo, twoTypos, `Invalid value at \`${where}\`: `);
    }
    return checked;
  };
  return {
    enabled: { check: boolean, code },
    minWordSizeForTypos: { check: sizes, code },
    disableOnWords: { check: sortedStrings, code },
    disableOnAttributes: { check: sortedStrings, code },
    disableOnNumbers: { check: boolean, code },
  };
});

function byte(value: unknown, at: string, code: string): number {
  const given = integer(value, at, code);
  if (given > 255)
    throw new NodeError(
      code,
      `Invalid value at \`${at}\`: value: \`${given}\` is too large to be deserialized, maximum value authorized is \`255\``,
    );
  return given;
}

export function foreignKey(value: unknown, at: string, code: string): unknown {
  const text = { check: string, code };
  const key = checkFields(value, { foreignIndexUid: text, fieldName: text }, at, code);
  for (const field of ["foreignIndexUid", "fieldName"])
    if (key[field] === undefined) throw missingField(field, at, code);
  return key;
}

export function localizedRule(value: unknown, at: string, code: string): unknown {
  const locales = { check: arrayOf(oneOf(...LOCALES)), code };
  const rule = checkFields(value, { attributePatterns: { check: strings, code }, locales }, at, code);
  for (const field of ["attributePatterns", "locales"]) {
    if (rule[field] === undefined) throw missingField(field, at, code);
  }
  return rule;
}

export const chat = parts((code) => ({
  description: { check: string, code },
  documentTemplate: { check: string, code },
  documentTemplateMaxBytes: { check: integer, code },
  searchParameters: { check: object, code },
}));

export const faceting = parts((code) => {
  const orders: Check<unknown> = (item, where) =>
    sortedMap(
      Object.fromEntries(
        Object.entries(object(item, where, code)).map(([name, order]) => [
          name,
          oneOf("alpha", "count")(order, `${where}.${name}`, code),
        ]),
      ),
    );
  return { maxValuesPerFacet: { check: integer, code }, sortFacetValuesBy: { check: orders, code } };
});

export const pagination = parts((code) => {
  const hits: Check<number> = (item, where) => {
    const given = integer(item, where, code);
    if (given === 0)
      throw new NodeError(
        code,
        `Invalid value at \`${where}\`: a non-zero integer value lower than \`18446744073709551615\` was expected, but found a zero`,
      );
    return given;
  };
  return { maxTotalHits: { check: hits, code } };
});

/** Fields of embedders that a development node does not know. */
const FOREIGN_FIELDS =
  "model revision pooling apiKey documentTemplate documentTemplateMaxBytes url headers indexingFragments searchFragments request response searchEmbedder indexingEmbedder".split(
    " ",
  );

/** Only vectors that come with the documents: no other source can be reached from a development node. */
export function embedders(value: unknown, at: string, code: string): SettingsChange {
  const entries = Object.entries(object(value, at, code)).map(([name, given]) => {
    return [name, given === null ? null : embedder(given, name, `${at}.${name}`, code)] as const;
  });
  return Object.fromEntries(entries);
}

function embedder(value: unknown, name: string, at: string, code: string): Readonly<Record<string, unknown>> {
  const fail = (why: string): never => {
    throw new NodeError(code, `\`.embedders.${name}\`: ${why}`);
  };
  const distribution: Check<unknown> = (item, place) =>
    checkFields(item, { mean: { check: number, code }, sigma: { check: number, code } }, place, code);
  const foreign: FieldSpec = { check: (item) => item, code };
  const specs = {
    source: { check: oneOf("openAi", "huggingFace", "ollama", "userProvided", "rest", "composite"), code },
    ...Object.fromEntries(FOREIGN_FIELDS.map((field) => [field, foreign])),
    dimensions: { check: integer, code },
    distribution: { check: distribution, code },
    binaryQuantized: { check: boolean, code },
  };
  const checked = checkFields(value, specs, at, code);
  if (checked["source"] !== "userProvided") {
    return fail("A development node only knows the source `userProvided`. Use a real engine for others.");
  }
  const unavailable = FOREIGN_FIELDS.find((field) => checked[field] !== undefined);
  if (unavailable !== undefined) return fail(`Field \`${unavailable}\` unavailable for source \`userProvided\`.`);
  if (checked["dimensions"] === undefined) {
    return fail("Missing field `dimensions` (note: this field is mandatory for source `userProvided`)");
  }
  return checked;
}
