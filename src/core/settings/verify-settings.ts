/**
 * What can be said about the settings of one node alone: the markers must be in their places, and wherever the engine's
 * stored form is known a node must hold what it was sent (`stored-form.ts`). The rest is compared with what all nodes have
 * shown before.
 */
import { canonicalJson, isObject, type JsonObject } from "./json-shape.ts";
import {
  filterableMarkers,
  isNodeDocumentTemplate,
  nodeDocumentTemplate,
  type NodeForm,
  RANKING_MARKER,
  SORTABLE_MARKER,
} from "./node-form.ts";
import { differingSettings, settingsHashes, type SettingsHashes } from "./settings-hashes.ts";
import { judgeSetting } from "./stored-form.ts";

export interface NodeSettings {
  readonly nodeId: string;
  readonly settings: JsonObject;
}

export interface MeantSettings {
  /** What was meant, in the client's view. */
  readonly client: JsonObject;
  readonly form: NodeForm;
  /** What all nodes have shown before, where that is known and still counts. */
  readonly shownBefore: SettingsHashes;
  /** Settings whose stored form is not known, although `stored-form.ts` says one (`IndexEntry`); absent: none. */
  readonly ownForms?: readonly string[] | undefined;
}

/** The settings of one node that cannot be as meant, whatever the other nodes say. */
export function wrongSettings(node: JsonObject, meant: MeantSettings): readonly string[] {
  const judged = judgeNode(node, meant);
  const differing = differingSettings(settingsHashes(node), meant.shownBefore).filter((key) => !judged.right.has(key));
  return [...new Set([...judged.wrong, ...differing])];
}

/** The settings of which it can be said that a node has what it was sent, and those of which it cannot be so. */
export function judgeNode(
  node: JsonObject,
  { client, form, ownForms = [] }: Pick<MeantSettings, "client" | "form" | "ownForms">,
): { readonly wrong: readonly string[]; readonly right: ReadonlySet<string> } {
  const wrong = misplacedMarkers(node, form);
  const right = new Set<string>();
  for (const [key, shown] of Object.entries(node)) {
    if (ownForms.includes(key)) continue;
    const judgement = judgeSetting(key, shown, client[key], form);
    if (judgement === "wrong") wrong.add(key);
    if (judgement === "right") right.add(key);
  }
  return { wrong: [...wrong], right };
}

function misplacedMarkers(node: JsonObject, form: NodeForm): Set<string> {
  const wrong = new Set<string>();
  const filterable = node["filterableAttributes"];
  const wanted = filterableMarkers(form);
  const front = Array.isArray(filterable) ? filterable.slice(0, wanted.length) : [];
  if (canonicalJson(front) !== canonicalJson(wanted)) wrong.add("filterableAttributes");
  if (form.expiry && hasOtherTemplate(node["embedders"], form)) wrong.add("embedders");
  const sequence = misplacedSequence(node, form);
  if (sequence !== null) wrong.add(sequence);
  return wrong;
}

/**
 * Does an embedder have the router's template from before documents expired, which embeds that marker? The other way round
 * nothing is wrong with it, and embedding everything anew would help nobody.
 */
function hasOtherTemplate(embedders: unknown, form: NodeForm): boolean {
  if (!isObject(embedders)) return false;
  const isOther = (embedder: unknown): boolean => {
    if (!isObject(embedder)) return false;
    const template = embedder["documentTemplate"];
    if (isNodeDocumentTemplate(template) && template !== nodeDocumentTemplate(form)) return true;
    return isOther(embedder["indexingEmbedder"]);
  };
  return Object.values(embedders).some(isOther);
}

/** Which of the two settings that make nodes order by the sequence is not in the wanted form; null: none. */
export function misplacedSequence(node: JsonObject, { tieBreak }: Pick<NodeForm, "tieBreak">): string | null {
  const wanted = tieBreak === "sequence";
  const sortable = node["sortableAttributes"];
  if (!Array.isArray(sortable) || sortable.includes(SORTABLE_MARKER) !== wanted) return "sortableAttributes";
  const rules = node["rankingRules"];
  if (!Array.isArray(rules)) return "rankingRules";
  return (wanted ? rules.at(-1) === RANKING_MARKER : !rules.includes(RANKING_MARKER)) ? null : "rankingRules";
}
