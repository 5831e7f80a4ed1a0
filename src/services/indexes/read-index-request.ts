/**
 * The bodies of the index routes. What is not exactly as the engine wants it is null: a node then says what is wrong,
 * in its own words, and since it refuses, asking it changes nothing.
 */
import { apiError, nodeError } from "../../core/errors/api-error.ts";
import { isObject } from "../../core/settings/json-shape.ts";
import type { Relay, RelayRequest } from "../relay/relay.ts";
import type { CreateIndexInput } from "./create-index.ts";
import { isIndexUid } from "./require-index-uid.ts";
import type { Swap } from "./swap-data.ts";
import type { UpdateIndexInput } from "./update-index.ts";

export function readCreateIndex(body: unknown): CreateIndexInput | null {
  if (!isObject(body) || !hasOnly(body, ["uid", "primaryKey"])) return null;
  const { uid, primaryKey = null } = body;
  return isIndexUid(uid) && isOptionalText(primaryKey) ? { uid, primaryKey } : null;
}

export function readUpdateIndex(uid: string, body: unknown): UpdateIndexInput | null {
  if (!isIndexUid(uid) || !isObject(body) || !hasOnly(body, ["uid", "primaryKey"])) return null;
  const { uid: newUid = null, primaryKey = null } = body;
  if (!isOptionalText(primaryKey) || (newUid !== null && !isIndexUid(newUid))) return null;
  return { uid, ...(primaryKey === null ? {} : { primaryKey }), ...(newUid === null ? {} : { newUid }) };
}

export function readSwaps(body: unknown): readonly Swap[] | null {
  if (!Array.isArray(body)) return null;
  const swaps = body.map(readSwap);
  const named = swaps.flatMap((swap) => swap?.indexes ?? []);
  if (swaps.includes(null) || new Set(named).size !== named.length) return null;
  return swaps as readonly Swap[];
}

/** Always throws: a node's refusal of what the router could not read. */
export async function refusedByNode(
  relay: Relay,
  request: Omit<RelayRequest, "operation">,
  signal: AbortSignal,
): Promise<never> {
  const outcome = await relay({ ...request, operation: "judge" }, signal);
  if (outcome.kind === "refused") throw nodeError(outcome.status, outcome.error);
  throw apiError("miroir_not_supported", "This version of Miroir cannot read the body of this request.");
}

function readSwap(swap: unknown): Swap | null {
  if (!isObject(swap) || !hasOnly(swap, ["indexes", "rename"])) return null;
  const { indexes, rename = false } = swap;
  if (!Array.isArray(indexes) || indexes.length !== 2 || typeof rename !== "boolean") return null;
  const [left, right] = indexes as readonly unknown[];
  return isIndexUid(left) && isIndexUid(right) ? { indexes: [left, right], rename } : null;
}

function isOptionalText(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function hasOnly(body: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  return Object.keys(body).every((name) => names.includes(name));
}
