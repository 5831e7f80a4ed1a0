/** Tenant tokens for both sides: each signs with a key of its own, so a request says what the token allows. */
import { signToken } from "../http/tokens.ts";
import { nodeRequest } from "../support/nodes.ts";
import type { Target } from "./witness.ts";

/** As in the token: index patterns, each with the filter that is forced on its searches, or null. */
export type SearchRules = Readonly<Record<string, { readonly filter: unknown } | null>>;

const KEY_UID = "0c1f3e5a-6b7d-4c8e-9f10-2a3b4c5d6e7f";
const secrets = new Map<string, Promise<string>>();

export async function tenantHeaders(target: Target, searchRules: SearchRules): Promise<Record<string, string>> {
  const token = signToken({ claims: { searchRules, apiKeyUid: KEY_UID }, secret: await tenantSecret(target) });
  return { authorization: `Bearer ${token}` };
}

/** To be asked for while all nodes are there, as no key can be made without one of them. */
export function tenantSecret(target: Target): Promise<string> {
  const known = secrets.get(target.url) ?? searchKey(target);
  secrets.set(target.url, known);
  return known;
}

async function searchKey(target: Target): Promise<string> {
  const key = { uid: KEY_UID, actions: ["search"], indexes: ["*"], expiresAt: null };
  const made = await nodeRequest(target, "POST", "/keys", key);
  const { body } = made.status === 201 ? made : await nodeRequest(target, "GET", `/keys/${KEY_UID}`);
  return String(body.key);
}
