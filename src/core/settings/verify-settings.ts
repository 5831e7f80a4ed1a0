/**
 * What can be said about the settings of one node alone: the markers must be in their places, and the settings with a
 * plain normal form must hold the client's values. The others are judged by comparing nodes (`diagnose-settings.ts`).
 */
import { canonicalJson, isObject, isStringList, type JsonObject } from "./json-shape.ts";
import {
  DEFAULT_RANKING_RULES,
  FILTERABLE_MARKERS,
  RANKING_MARKER,
  SORTABLE_MARKER,
  type TieBreak,
} from "./node-form.ts";
import { toClientView } from "./to-client-view.ts";

export interface NodeSettings {
  readonly nodeId: string;
  readonly settings: JsonObject;
}

/** The first setting of one node that cannot be as meant, whatever the other nodes say; null when there is none. */
export function misplacedSetting(node: JsonObject, client: JsonObject, tieBreak: TieBreak): string | null {
  return misplacedMarker(node, tieBreak) ?? lostValue(node, client);
}

function misplacedMarker(node: JsonObject, tieBreak: TieBreak): string | null {
  const filterable = node["filterableAttributes"];
  const front = Array.isArray(filterable) ? filterable.slice(0, FILTERABLE_MARKERS.length) : [];
  if (canonicalJson(front) !== canonicalJson(FILTERABLE_MARKERS)) return "filterableAttributes";
  return misplacedSequence(node, tieBreak);
}

/** Which of the two settings that make nodes order by the sequence is not in the wanted form; null: none. */
export function misplacedSequence(node: JsonObject, tieBreak: TieBreak): string | null {
  const wanted = tieBreak === "sequence";
  const sortable = node["sortableAttributes"];
  if (!Array.isArray(sortable) || sortable.includes(SORTABLE_MARKER) !== wanted) return "sortableAttributes";
  const rules = node["rankingRules"];
  if (!Array.isArray(rules)) return "rankingRules";
  return (wanted ? rules.at(-1) === RANKING_MARKER : !rules.includes(RANKING_MARKER)) ? null : "rankingRules";
}

/** Only values whose normal form is plain are compared; an unusual one is left to the comparison between nodes. */
function lostValue(node: JsonObject, client: JsonObject): string | null {
  const shown = toClientView(node, client);
  for (const [key, normal] of Object.entries(NORMAL_FORM)) {
    const wanted = client[key];
    if (wanted !== undefined && !isStringList(wanted)) continue;
    if (canonicalJson(shown[key]) !== canonicalJson(normal(wanted))) return key;
  }
  const total = isObject(client["pagination"]) ? client["pagination"]["maxTotalHits"] : undefined;
  const shownTotal = isObject(shown["pagination"]) ? shown["pagination"]["maxTotalHits"] : undefined;
  return typeof total === "number" && total !== shownTotal ? "pagination" : null;
}

const NORMAL_FORM: Readonly<Record<string, (wanted: readonly string[] | undefined) => readonly string[]>> = {
  searchableAttributes: (wanted) => (wanted === undefined || wanted.includes("*") ? ["*"] : [...new Set(wanted)]),
  filterableAttributes: (wanted) => wanted ?? [],
  sortableAttributes: (wanted) => [...new Set(wanted)].toSorted(byCodePoint),
  rankingRules: (wanted) => wanted ?? DEFAULT_RANKING_RULES,
};

/** As the engine sorts: by the bytes of UTF-8, which is the order of code points. */
function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
