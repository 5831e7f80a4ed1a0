/**
 * Refuses the few settings that would break the markers: a marker field named as the client's own, and a token made
 * of the characters that markers are written with. Everything else is for the nodes to judge.
 */
import { apiError } from "../errors/api-error.ts";
import { usesMarkerAlphabet } from "../markers/codec.ts";
import { EXPIRES_AT_FIELD, NO_FIELD, SEQUENCE_FIELD, SHARD_FIELD } from "../markers/fields.ts";
import { isObject, isStringList, type JsonObject } from "./json-shape.ts";
import type { NodeForm } from "./node-form.ts";

/** `expiry`: documents may carry when they expire; else that name is one like any other. */
export function refuseReserved(patch: JsonObject, { expiry }: Pick<NodeForm, "expiry">): void {
  const reserved = expiry ? RESERVED_WITH_EXPIRY : RESERVED;
  for (const key of TOKEN_LISTS) {
    const token = isStringList(patch[key]) ? usesMarkerAlphabet(patch[key]) : null;
    if (token !== null) {
      throw apiError(
        "miroir_reserved_setting",
        `\`${key}\` contains \`${token}\`. Miroir writes its hidden fields with characters of this entry, and as part of words they would change what a search finds. Leave the entry out.`,
      );
    }
  }
  for (const key of FIELD_LISTS) {
    const field = fieldNames(patch[key]).find((name) => reserved.has(name));
    if (field !== undefined) {
      throw apiError(
        "miroir_reserved_setting",
        `\`${key}\` names the field \`${field}\`, which Miroir keeps for itself. Leave it out or use another name.`,
      );
    }
  }
}

/**
 * Tokens that would turn separators into words. `separatorTokens` is not among them: a separator that is declared one
 * once more stays one.
 */
const TOKEN_LISTS = ["nonSeparatorTokens", "dictionary"] as const;

const FIELD_LISTS = [
  "displayedAttributes",
  "searchableAttributes",
  "filterableAttributes",
  "sortableAttributes",
  "rankingRules",
  "distinctAttribute",
] as const;

const RESERVED: ReadonlySet<string> = new Set([SHARD_FIELD, NO_FIELD, SEQUENCE_FIELD]);
const RESERVED_WITH_EXPIRY: ReadonlySet<string> = new Set([...RESERVED, EXPIRES_AT_FIELD]);

/** Field names in any of the forms a setting may have; a direction of a ranking rule is cut off. */
function fieldNames(value: unknown): readonly string[] {
  if (typeof value === "string") return [value.replace(/:(?:asc|desc)$/, "")];
  if (Array.isArray(value)) return value.flatMap(fieldNames);
  return isObject(value) ? fieldNames(value["attributePatterns"] ?? []) : [];
}
