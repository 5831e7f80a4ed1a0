/**
 * What an API key, or a tenant token made from one, may do: the engine's decision, taken from facts about the key that
 * came from a node. Pure; the refusals carry the engine's words.
 */
import type { FoundKey } from "../../services/keys/find-key.ts";
import { grantsAction, indexScope } from "./action.ts";
import type { Authority } from "./authority.ts";
import { INVALID_KEY_MESSAGE, invalidKey } from "./bearer.ts";
import { matchesAnyIndex, printPatterns } from "./index-pattern.ts";
import { ruleFilter, type SearchRules } from "./tenant-token.ts";

export interface KeyCredential {
  readonly key: FoundKey;
  /** null for the key itself. */
  readonly rules: SearchRules | null;
}

/** Throws 403 unless the credential may do `action`, on `indexUid` if the path names one. */
export function authorizeKey(
  { key, rules }: KeyCredential,
  action: string,
  indexUid: string | undefined,
  nowMs: number,
): Authority {
  if (indexUid !== undefined) checkIndex(key, rules, indexUid);
  if (!owns(key, action, indexUid, nowMs)) throw invalidKey(INVALID_KEY_MESSAGE);
  return {
    kind: rules === null ? "api_key" : "tenant",
    keyUid: key.uid,
    allowsAction: (other) => ownsAtAll(key, other, nowMs),
    allowsIndex: (uid) => matchesAnyIndex(key.indexes, uid) && (rules === null || matchesAnyIndex(rules.patterns, uid)),
    restrictedToIndexes: !(key.indexes.includes("*") && (rules === null || rules.patterns.includes("*"))),
    forcedFilter: (uid) => (rules === null ? undefined : ruleFilter(rules, uid)),
  };
}

/** What a token may reach is public to its bearer, so the message lists it; what its key may reach is not. */
function checkIndex(key: FoundKey, rules: SearchRules | null, indexUid: string): void {
  if (rules !== null && !matchesAnyIndex(rules.patterns, indexUid)) {
    throw invalidKey(
      `The provided tenant token cannot acces the index \`${indexUid}\`, allowed indexes are ${printPatterns(rules.patterns)}.`,
    );
  }
  if (matchesAnyIndex(key.indexes, indexUid)) return;
  if (rules !== null) {
    throw invalidKey(`The API key used to generate this tenant token cannot acces the index \`${indexUid}\`.`);
  }
  throw invalidKey(
    `The API key cannot acces the index \`${indexUid}\`, authorized indexes are ${printPatterns(key.indexes)}.`,
  );
}

function owns(key: FoundKey, action: string, indexUid: string | undefined, nowMs: number): boolean {
  if (!grantsAction(key.actions, action) || expired(key, nowMs)) return false;
  if (key.indexes.includes("*")) return true;
  if (indexUid !== undefined) return matchesAnyIndex(key.indexes, indexUid);
  return indexScope(action) === "by_handler" && key.indexes.length > 0;
}

/** Somewhere, on whatever index. */
function ownsAtAll(key: FoundKey, action: string, nowMs: number): boolean {
  if (!grantsAction(key.actions, action) || expired(key, nowMs)) return false;
  return key.indexes.includes("*") || (indexScope(action) !== "never" && key.indexes.length > 0);
}

function expired(key: FoundKey, nowMs: number): boolean {
  return key.expiresAt !== null && nowMs >= key.expiresAt;
}
