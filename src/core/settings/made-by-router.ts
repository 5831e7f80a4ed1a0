/** Whether an index of a node is one that a router has made: every such index has the rule for the shard of a document. */
import { SHARD_FIELD } from "../markers/fields.ts";
import { isObject } from "./json-shape.ts";

/** `filterable`: the node's `filterableAttributes`. */
export function isMadeByRouter(filterable: unknown): boolean {
  return Array.isArray(filterable) && filterable.some(isShardRule);
}

function isShardRule(rule: unknown): boolean {
  const patterns = isObject(rule) ? rule["attributePatterns"] : undefined;
  return Array.isArray(patterns) && patterns.includes(SHARD_FIELD);
}
