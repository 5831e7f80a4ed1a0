/**
 * One index: its documents under internal ids, their words, facets, vectors and points. Internal ids are given in
 * order of arrival, kept when a document is replaced, and given again after a deletion, lowest first.
 */
import { DocSet } from "../doc-set.ts";
import { canonicalText, parseExact } from "../exact-json.ts";
import { createTokenizer, type Tokenizer } from "../text/tokenize.ts";
import { coversField, matchingRule } from "./attribute-patterns.ts";
import { extractWords } from "./extract-words.ts";
import { FacetIndex } from "./facet-index.ts";
import { readGeo, type Point } from "./geo.ts";
import { applyChange, DEFAULT_SETTINGS, needsReindexing, type Settings, type SettingsChange } from "./settings.ts";
import { readVectors, type DocumentVectors } from "./vectors.ts";
import { walkValues } from "./walk-fields.ts";
import { WordIndex } from "./word-index.ts";

export interface StoredDocument {
  readonly id: string;
  /** Raw JSON text of every top-level value, in the order they were written. */
  readonly members: ReadonlyMap<string, string>;
  readonly value: Readonly<Record<string, unknown>>;
  readonly vectors: DocumentVectors;
  readonly point: Point | null;
}

export interface IncomingDocument {
  readonly id: string;
  readonly members: ReadonlyMap<string, string>;
}

export class SearchIndex {
  uid: string;
  primaryKey: string | null;
  readonly createdAt: string;
  updatedAt: string;
  settings: Settings = DEFAULT_SETTINGS;
  readonly documents = new Map<number, StoredDocument>();
  readonly words = new WordIndex();
  tokenizer: Tokenizer = createTokenizer(DEFAULT_SETTINGS);
  /** Names of all fields ever seen, nested ones too, in order of first sight; the position is the field's number. */
  readonly fields: string[] = [];
  private readonly fieldNumbers = new Map<string, number>();
  private readonly internalIds = new Map<string, number>();
  private readonly freeIds = new Set<number>();
  private everyId = new DocSet();
  private readonly facets = new Map<string, FacetIndex>();

  constructor(uid: string, primaryKey: string | null, createdAt: string) {
    this.uid = uid;
    this.primaryKey = primaryKey;
    this.createdAt = createdAt;
    this.updatedAt = createdAt;
  }

  get all(): DocSet {
    return this.everyId;
  }

  internalId(id: string): number | undefined {
    return this.internalIds.get(id);
  }

  byId(id: string): StoredDocument | undefined {
    const internal = this.internalIds.get(id);
    return internal === undefined ? undefined : this.documents.get(internal);
  }

  /** The document of an internal id that is known to be taken. */
  stored(internal: number): StoredDocument {
    const document = this.documents.get(internal);
    if (document === undefined) throw new TypeError(`no document has the internal id ${internal}`);
    return document;
  }

  knowsField(name: string): boolean {
    return this.fieldNumbers.has(name);
  }

  /** Stores documents; with `merge` the members given replace those of the stored one, the others stay. Throws before anything is changed. */
  store(incoming: readonly IncomingDocument[], merge: boolean, skipCreation: boolean): void {
    const next = new Map<string, StoredDocument>();
    for (const { id, members } of incoming) {
      const known = next.get(id) ?? this.byId(id);
      if (known === undefined && skipCreation) continue;
      const canonical = new Map(
        Array.from(members, ([name, text]) => [name, name === "_vectors" ? text : canonicalText(text)]),
      );
      next.set(
        id,
        this.prepared(id, merge && known !== undefined ? new Map([...known.members, ...canonical]) : canonical),
      );
    }
    for (const [id, document] of next) {
      const internal = this.internalIds.get(id) ?? this.takeId(id);
      if (this.documents.has(internal)) this.words.remove(internal);
      this.documents.set(internal, document);
      this.everyId.add(internal);
      this.readWords(internal, document);
    }
    this.facets.clear();
  }

  /** Removes documents by internal id and tells how many there were. */
  remove(ids: Iterable<number>): number {
    const gone = DocSet.of(ids).and(this.everyId);
    for (const internal of gone) {
      this.internalIds.delete(this.documents.get(internal)?.id ?? "");
      this.documents.delete(internal);
      this.words.remove(internal);
      this.freeIds.add(internal);
    }
    this.everyId = this.everyId.minus(gone);
    this.facets.clear();
    return gone.size;
  }

  clear(): number {
    const count = this.documents.size;
    this.documents.clear();
    this.internalIds.clear();
    this.freeIds.clear();
    this.words.clear();
    this.facets.clear();
    this.everyId = new DocSet();
    return count;
  }

  /** Applies a change of settings; one that the stored documents contradict throws and changes nothing. */
  change(change: SettingsChange): void {
    const before = this.settings;
    this.settings = applyChange(before, change);
    try {
      this.prepareAgain(before);
    } catch (error) {
      this.settings = before;
      throw error;
    }
    this.facets.clear();
    if (!needsReindexing(before, this.settings)) return;
    this.tokenizer = createTokenizer(this.settings);
    this.words.clear();
    for (const [internal, document] of this.documents) this.readWords(internal, document);
  }

  facet(field: string): FacetIndex {
    let facet = this.facets.get(field);
    if (facet === undefined) {
      const values = Array.from(this.documents, ([internal, document]) => [internal, document.value] as const);
      facet = new FacetIndex(field, values);
      this.facets.set(field, facet);
    }
    return facet;
  }

  get hasGeo(): boolean {
    return hasGeo(this.settings);
  }

  /** The rank of a searched field among the searchable attributes: 0 for all of them when there is no list. Null when it is not searched. */
  weightOf(field: string): number | null {
    const list = this.settings.searchableAttributes;
    if (list.includes("*")) return 0;
    const rank = list.findIndex((name) => coversField(name, field));
    return rank === -1 ? null : rank;
  }

  get weightMax(): number {
    const list = this.settings.searchableAttributes;
    return list.includes("*") ? 0 : Math.max(0, list.length - 1);
  }

  fieldNumber(name: string): number {
    let number = this.fieldNumbers.get(name);
    if (number === undefined) {
      number = this.fields.push(name) - 1;
      this.fieldNumbers.set(name, number);
    }
    return number;
  }

  /** Reads vectors and points again when the settings about them have changed. */
  private prepareAgain(before: Settings): void {
    const sameEmbedders = JSON.stringify(before.embedders) === JSON.stringify(this.settings.embedders);
    if (sameEmbedders && this.hasGeo === hasGeo(before)) return;
    const next = Array.from(
      this.documents,
      ([internal, { id, members }]) => [internal, this.prepared(id, members)] as const,
    );
    for (const [internal, document] of next) {
      this.documents.set(internal, document);
      if (document.point !== null) this.knowGeoFields();
    }
  }

  private knowGeoFields(): void {
    for (const field of ["_geo", "_geo.lat", "_geo.lng"]) this.fieldNumber(field);
  }

  private prepared(id: string, members: ReadonlyMap<string, string>): StoredDocument {
    let parsed: Readonly<Record<string, unknown>> | undefined;
    const readValue = (): Readonly<Record<string, unknown>> => (parsed ??= valueOf(members));
    const special = (name: string): unknown => {
      const text = members.get(name);
      return text === undefined ? undefined : JSON.parse(text);
    };
    const vectors = readVectors(id, special("_vectors"), this.settings.embedders);
    const point = this.hasGeo ? readGeo(id, special("_geo")) : null;
    return {
      id,
      members,
      vectors,
      point,
      get value() {
        return readValue();
      },
    };
  }

  private readWords(internal: number, document: StoredDocument): void {
    for (const name of document.members.keys()) this.fieldNumber(name);
    const exact: Record<string, unknown> = {};
    for (const [name, text] of document.members) if (this.mayHoldWords(name)) exact[name] = parseExact(text);
    const words = extractWords(exact, this.tokenizer, {
      searchable: (field) => (this.weightOf(field) === null ? null : this.fieldNumber(field)),
    });
    this.words.add(internal, words);
    if (document.point !== null) this.knowGeoFields();
    walkValues(document.value, (field) => void (this.isNamedInSettings(field) && this.fieldNumber(field)));
  }

  private isNamedInSettings(field: string): boolean {
    const { filterableAttributes, sortableAttributes, distinctAttribute } = this.settings;
    return (
      matchingRule(field, filterableAttributes) !== null ||
      sortableAttributes.some((name) => coversField(name, field)) ||
      distinctAttribute === field
    );
  }

  private mayHoldWords(name: string): boolean {
    const list = this.settings.searchableAttributes;
    return (
      list.includes("*") || list.some((attribute) => coversField(attribute, name) || attribute.startsWith(`${name}.`))
    );
  }

  private takeId(id: string): number {
    let internal = this.documents.size;
    if (this.freeIds.size > 0) {
      internal = Math.min(...this.freeIds);
      this.freeIds.delete(internal);
    }
    this.internalIds.set(id, internal);
    return internal;
  }
}

function hasGeo(settings: Settings): boolean {
  return settings.filterableAttributes.includes("_geo") || settings.sortableAttributes.includes("_geo");
}

function valueOf(members: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> {
  const value: Record<string, unknown> = {};
  for (const [name, text] of members) value[name] = JSON.parse(text);
  return value;
}
