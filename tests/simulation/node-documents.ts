/** The indexes of a simulated node: documents, settings, the few filters and orders that the router asks for. */
export type Json = Readonly<Record<string, unknown>>;

export interface NodeIndex {
  readonly uid: string;
  primaryKey: string | null;
  settings: Record<string, unknown>;
  /** By id, in insertion order; a document that is written again keeps its place. */
  readonly documents: Map<string, Json>;
  readonly createdAt: string;
  updatedAt: string;
}

/** What a node answers instead, or records in a failed task. */
export class NodeFault extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  view(): Json {
    const type = this.code === "internal" ? "internal" : "invalid_request";
    return {
      message: this.message,
      code: this.code,
      type,
      link: `https://docs.meilisearch.com/errors#${this.code}`,
    };
  }
}

export function newIndex(uid: string, primaryKey: string | null, at: string): NodeIndex {
  return { uid, primaryKey, settings: { ...DEFAULTS }, documents: new Map(), createdAt: at, updatedAt: at };
}

const DEFAULTS: Json = {
  displayedAttributes: ["*"],
  searchableAttributes: ["*"],
  filterableAttributes: [],
  sortableAttributes: [],
  rankingRules: ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"],
  stopWords: [],
  searchCutoffMs: null,
  faceting: { maxValuesPerFacet: 100, sortFacetValuesBy: { "*": "alpha" } },
};

export function changeSettings(index: NodeIndex, patch: Json): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) index.settings[key] = DEFAULTS[key];
    else if (key === "faceting") index.settings[key] = { ...(index.settings[key] as Json), ...faceting(value as Json) };
    else if (key === "stopWords") index.settings[key] = normalizedWords(value as string[]);
    else if (key === "sortableAttributes") index.settings[key] = (value as string[]).toSorted();
    else index.settings[key] = value;
  }
}

/** As the engine stores stop words: their characters taken apart, each word once, ascending. */
export function normalizedWords(words: readonly string[]): readonly string[] {
  return [...new Set(words.map((word) => word.normalize("NFKD")))].toSorted();
}

function faceting(value: Json): Json {
  return value["sortFacetValuesBy"] === null ? { ...value, sortFacetValuesBy: { "*": "alpha" } } : value;
}

export function putDocuments(index: NodeIndex, documents: readonly Json[], merge: boolean): void {
  for (const { _vectors: _, ...document } of documents) {
    const id = String(document[index.primaryKey ?? ""]);
    const before = merge ? index.documents.get(id) : undefined;
    index.documents.set(id, before === undefined ? document : { ...before, ...document });
  }
}

export function deleteIds(index: NodeIndex, ids: readonly string[]): number {
  let deleted = 0;
  for (const id of ids) if (index.documents.delete(id)) deleted += 1;
  return deleted;
}

/** The documents that pass, in the order that was asked for. */
export function select(index: NodeIndex, filter: unknown, sort: readonly string[], faults: FaultCodes): Json[] {
  const passes = readFilter(index, filter, faults.filter);
  const found = [...index.documents.values()].filter(passes);
  for (const rule of sort.toReversed()) {
    const [field = "", direction] = rule.split(":");
    if (!(index.settings["sortableAttributes"] as string[]).includes(field)) {
      throw new NodeFault(400, faults.sort, `Index \`${index.uid}\`: Attribute \`${field}\` is not sortable.`);
    }
    found.sort((left, right) => compare(left[field], right[field], direction === "desc" ? -1 : 1));
  }
  return found;
}

export interface FaultCodes {
  readonly filter: string;
  readonly sort: string;
}

/** Every element of a list has to hold. */
export function readFilter(index: NodeIndex, filter: unknown, code: string): (document: Json) => boolean {
  if (filter === undefined || filter === null) return () => true;
  const conditions = (Array.isArray(filter) ? (filter as unknown[]) : [filter]).map((text) =>
    condition(index, String(text), code),
  );
  return (document) => conditions.every((holds) => holds(document));
}

/** Parts that stand in brackets of their own, or simple conditions, joined by one word. */
function condition(index: NodeIndex, text: string, code: string): (document: Json) => boolean {
  for (const [word, whole] of [
    [" OR ", false],
    [" AND ", true],
  ] as const) {
    const parts = text.split(word);
    if (parts.length === 1) continue;
    const holds = parts.map((part) => condition(index, part.replace(/^\((.*)\)$/, "$1"), code));
    return (document) => holds.every((one) => one(document) === whole) === whole;
  }
  return simpleCondition(index, text, code);
}

function simpleCondition(index: NodeIndex, text: string, code: string): (document: Json) => boolean {
  const match = /^\s*(\w+) (?:IN \[(.*)\]|<= "(.+?)"|= (.+?)|(EXISTS))\s*$/.exec(text);
  if (match === null) throw new TypeError(`the simulated node does not know the filter ${text}`);
  const [, field = "", list, most, single, exists] = match;
  if (!isFilterable(index, field)) {
    throw new NodeFault(400, code, `Index \`${index.uid}\`: Attribute \`${field}\` is not filterable.`);
  }
  if (exists !== undefined) return (document) => field in document;
  if (most !== undefined) return (document) => typeof document[field] === "string" && document[field] <= most;
  const wanted = new Set((list ?? single ?? "").split(/,\s*/).map((value) => value.replace(/^["']|["']$/g, "")));
  return (document) => field in document && wanted.has(String(document[field]));
}

function isFilterable(index: NodeIndex, field: string): boolean {
  return (index.settings["filterableAttributes"] as readonly (string | Json)[]).some((one) =>
    typeof one === "string" ? one === field : (one["attributePatterns"] as string[]).includes(field),
  );
}

/** Whatever the direction, a document without the field comes last. */
function compare(left: unknown, right: unknown, sign: 1 | -1): number {
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
  const [a, b] = [left, right].map(String) as [string, string];
  return a < b ? -sign : a > b ? sign : 0;
}
