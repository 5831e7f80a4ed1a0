/**
 * Clients do not know of Miroir's own fields: whoever names one in a filter, a sort or a facet means a field that no
 * document has. Nodes are asked for such a field, of a name of the same length so that places in their errors stay right.
 */
import { EXPIRES_AT_FIELD, NO_FIELD, SEQUENCE_FIELD, SHARD_FIELD, UPDATED_AT_FIELD } from "../markers/fields.ts";

/**
 * A filter in any of its JSON forms. Only what stands where a field does is renamed, no value. `expiry`: documents may
 * carry when they expire; else that name is one like any other.
 */
export function hideMarkersInFilter(filter: unknown, expiry: boolean): unknown {
  if (!mayName(JSON.stringify(filter) ?? "")) return filter;
  return mapTexts(filter, (text) => text.replace(namesOf(expiry).inFilter, hidden));
}

/** Names of fields, patterns, and sorts: whatever begins with a name or with the prefix of all. */
export function hideMarkersInNames(names: unknown, expiry: boolean): unknown {
  return mapTexts(names, (text) => text.replace(namesOf(expiry).alone, hidden));
}

/** What a node says, about the names that the client has used. */
export function showMarkers(text: string): string {
  return text.replaceAll(HIDDEN_PREFIX, PREFIX);
}

/** A cheap first test of a whole text. */
function mayName(text: string): boolean {
  return text.includes(PREFIX);
}

/** The same of JSON, in which any character may be written by its number; nobody writes these so by habit. */
export function mayNameInJson(json: Buffer): boolean {
  return json.includes(PREFIX) || (json.includes("\\u00") && PREFIX_BY_NUMBER.test(json.toString("latin1")));
}

const PREFIX = "_miroir";
const PREFIX_BY_NUMBER = /\\u00(?:5f|6d|69|72|6f)/iu;
/** Attributes differ by case. */
const HIDDEN_PREFIX = "_miroiR";
const hidden = (match: string): string => match.replace(PREFIX, HIDDEN_PREFIX);

interface Names {
  readonly alone: RegExp;
  readonly inFilter: RegExp;
}

function namesFor(names: readonly string[]): Names {
  const fields = names.join("|");
  return {
    alone: new RegExp(`^(?:${fields}|${PREFIX}(?=[\\w*]*\\*$))`),
    // Not the end of another name, and followed by an operator; of a range the lower end comes first.
    inFilter: new RegExp(
      `(?<![\\p{L}\\p{N}_./-])(["']?)(?:${fields})\\1(?=\\s*(?:[=<>]|!=|(?:IN|NOT|EXISTS|IS|CONTAINS|STARTS)\\b|(?:"[^"]*"|'[^']*'|[^\\s"']+)\\s+TO\\b))`,
      "gu",
    ),
  };
}

const FIELDS = [SHARD_FIELD, NO_FIELD, SEQUENCE_FIELD, UPDATED_AT_FIELD];
const WITHOUT_EXPIRY = namesFor(FIELDS);
const WITH_EXPIRY = namesFor([...FIELDS, EXPIRES_AT_FIELD]);

function namesOf(expiry: boolean): Names {
  return expiry ? WITH_EXPIRY : WITHOUT_EXPIRY;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapTexts(one, change)]));
}
