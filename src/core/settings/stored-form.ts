/**
 * What a node has to show of a setting, said from what the client wrote and the router sent, wherever the engine keeps a
 * value in a plain form. There what was sent is the measure and not what nodes show: one that was edited before the others
 * could be looked at would become the measure of all. Of a setting that nobody has set it is the engine's default.
 */
import { compareText } from "../json/compare-text.ts";
import { canonicalJson, isObject, isStringList, type JsonObject } from "./json-shape.ts";
import {
  DEFAULT_MAX_VALUES_PER_FACET,
  DEFAULT_RANKING_RULES,
  filterableMarkers,
  RANKING_MARKER,
  raisedMaxValuesPerFacet,
  SORTABLE_MARKER,
  type NodeForm,
  withMarker,
} from "./node-form.ts";

/** `unknown`: the engine has a form of its own for this value, so that only nodes can be compared. */
export type Judgement = "right" | "wrong" | "unknown";

/** `shown`: as a node shows it. `wanted`: in the client's view; undefined where the client has set nothing. */
export function judgeSetting(key: string, shown: unknown, wanted: unknown, form: NodeForm): Judgement {
  const judges = FORMS[key];
  // A setting that a node does not show belongs to a feature that is off, or to another version.
  return judges === undefined || shown === undefined ? "unknown" : judges(wanted, form)(shown);
}

type Judge = (shown: unknown) => Judgement;
type Form = (wanted: unknown, form: NodeForm) => Judge;

const unknown: Judge = () => "unknown";

/** The engine keeps it in a form of its own, of which is known only that it is not that of nothing. */
function ownForm(wanted: unknown, nothing: unknown): Judge {
  const isSomething = Array.isArray(wanted) && wanted.length > 0;
  return (shown) => (isSomething && canonicalJson(shown) === canonicalJson(nothing) ? "wrong" : "unknown");
}

function exactly(stored: unknown): Judge {
  const text = canonicalJson(stored);
  return (shown) => (canonicalJson(shown) === text ? "right" : "wrong");
}

/** A part that a node does not show it does not know; one that only the node knows cannot be judged. */
function parts(judges: Readonly<Record<string, Judge>>): Judge {
  return (shown) => {
    if (!isObject(shown)) return "wrong";
    const found = Object.entries(shown).map(([part, value]) => (judges[part] ?? unknown)(value));
    if (found.includes("wrong")) return "wrong";
    return found.includes("unknown") ? "unknown" : "right";
  };
}

/** A form for lists of texts; any other value is left to the engine. */
function list(stored: (wanted: readonly string[], form: NodeForm) => unknown, byDefault: readonly string[]): Form {
  return (wanted, form) => {
    const value = wanted ?? byDefault;
    return isStringList(value) ? exactly(stored(value, form)) : ownForm(value, stored(byDefault, form));
  };
}

/** Kept as it is written; `isPlain` says of which values that is known. */
function plain(byDefault: unknown, isPlain: (wanted: unknown) => boolean): Form {
  return (wanted) =>
    wanted === undefined ? exactly(byDefault) : isPlain(wanted) ? exactly(wanted) : ownForm(wanted, byDefault);
}

const isText = (value: unknown): boolean => typeof value === "string";
const isTruth = (value: unknown): boolean => typeof value === "boolean";
/** One that is kept in its own spelling (`exact-json.ts`) is no number here. */
const isCount = (value: unknown): boolean => Number.isSafeInteger(value);

/** Ascending, each once, as the engine keeps sets. */
const asSet = (wanted: readonly string[]): readonly string[] => [...new Set(wanted)].toSorted(compareText);

/** The engine takes the characters of every other word apart, and leaves out what cannot be printed. */
const PLAIN_WORD = /^[ -~]*$/u;

function stopWords(wanted: unknown): Judge {
  const words = wanted ?? [];
  return isStringList(words) && words.every((word) => PLAIN_WORD.test(word))
    ? exactly(asSet(words))
    : ownForm(words, []);
}

function synonyms(wanted: unknown): Judge {
  const groups = wanted ?? {};
  return isObject(groups) && Object.values(groups).every(isStringList) ? exactly(groups) : unknown;
}

function typoTolerance(wanted: unknown, form: NodeForm): Judge {
  const of = partsOf(wanted);
  const sizes = partsOf(of["minWordSizeForTypos"]);
  return parts({
    enabled: plain(true, isTruth)(of["enabled"], form),
    minWordSizeForTypos: parts({
      oneTypo: plain(5, isCount)(sizes["oneTypo"], form),
      twoTypos: plain(9, isCount)(sizes["twoTypos"], form),
    }),
    // The engine takes the words apart.
    disableOnWords: plain([], () => false)(of["disableOnWords"], form),
    disableOnAttributes: list(asSet, [])(of["disableOnAttributes"], form),
    disableOnNumbers: plain(false, isTruth)(of["disableOnNumbers"], form),
  });
}

function faceting(wanted: unknown, form: NodeForm): Judge {
  const of = partsOf(wanted);
  const limit = of["maxValuesPerFacet"] ?? DEFAULT_MAX_VALUES_PER_FACET;
  return parts({
    maxValuesPerFacet: typeof limit === "number" && isCount(limit) ? exactly(raisedMaxValuesPerFacet(limit)) : unknown,
    sortFacetValuesBy: plain({ "*": "alpha" }, () => false)(of["sortFacetValuesBy"], form),
  });
}

/** Which there are is known; what the engine makes of each is not. */
function embedders(wanted: unknown): Judge {
  const names = Object.keys(partsOf(wanted)).toSorted();
  return (shown) => {
    if (!isObject(shown) || canonicalJson(Object.keys(shown).toSorted()) !== canonicalJson(names)) return "wrong";
    return names.length === 0 ? "right" : "unknown";
  };
}

function partsOf(wanted: unknown): JsonObject {
  return isObject(wanted) ? wanted : {};
}

const FORMS: Readonly<Record<string, Form>> = {
  // The nodes display everything, and the router what the client has chosen.
  displayedAttributes: () => exactly(["*"]),
  searchableAttributes: list((wanted) => (wanted.includes("*") ? ["*"] : [...new Set(wanted)]), ["*"]),
  filterableAttributes: list((wanted, form) => [...filterableMarkers(form), ...wanted], []),
  sortableAttributes: list((wanted, form) => asSet(withMarker(wanted, SORTABLE_MARKER, form) as readonly string[]), []),
  rankingRules: list((wanted, form) => withMarker(wanted, RANKING_MARKER, form), DEFAULT_RANKING_RULES),
  stopWords,
  synonyms,
  nonSeparatorTokens: list(asSet, []),
  separatorTokens: list(asSet, []),
  dictionary: list(asSet, []),
  distinctAttribute: plain(null, isText),
  proximityPrecision: plain("byWord", isText),
  typoTolerance,
  faceting,
  pagination: (wanted, form) => parts({ maxTotalHits: plain(1_000, isCount)(partsOf(wanted)["maxTotalHits"], form) }),
  embedders,
  searchCutoffMs: plain(null, isCount),
  localizedAttributes: plain(null, () => false),
  facetSearch: plain(true, isTruth),
  prefixSearch: plain("indexingTime", isText),
};
