/**
 * Is what the nodes say after a settings change what was meant? All nodes must say the same, the markers must be in
 * their places, and the settings that the router rewrites must hold the client's values. The other settings are judged
 * by the nodes themselves: their tasks succeeded, and they agree.
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

/** null when all is as meant, else one sentence that names a node and a setting. */
export function findMismatch(nodes: readonly NodeSettings[], client: JsonObject, tieBreak: TieBreak): string | null {
  const first = nodes[0];
  for (const node of nodes) {
    const wrong = misplacedMarker(node.settings, tieBreak) ?? lostValue(node.settings, client);
    if (wrong !== null) return `node \`${node.nodeId}\` does not have the expected \`${wrong}\``;
    if (first === undefined || node === first) continue;
    const different = firstDifference(first.settings, node.settings);
    if (different !== null) {
      return `nodes \`${first.nodeId}\` and \`${node.nodeId}\` do not have the same \`${different}\``;
    }
  }
  return null;
}

/** The first setting in which two objects differ, whatever the order of keys. */
export function firstDifference(left: JsonObject, right: JsonObject): string | null {
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (canonicalJson(left[key] ?? null) !== canonicalJson(right[key] ?? null)) return key;
  }
  return null;
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
