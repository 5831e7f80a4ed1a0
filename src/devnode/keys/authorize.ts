/** Who asks, and whether they may: the master key, an API key, or a tenant token signed with one. */
import { NodeError } from "../node-error.ts";
import { allowsAction, coversIndex, isExpired, isGlobalAction, type ApiKey, type KeyStore } from "./key-store.ts";
import { readTenantToken, ruleFor, type TenantToken } from "./tenant-token.ts";

export interface Authority {
  /** Patterns of the indexes that may be seen, null for all of them. */
  readonly indexes: readonly string[] | null;
  readonly mayCreateIndex: (uid: string) => boolean;
  /** The filter a tenant token puts on an index, null for none. Throws when the token does not cover it. */
  readonly filterFor: (uid: string) => unknown;
  readonly sees: (uid: string) => boolean;
}

const EVERYTHING: Authority = { indexes: null, mayCreateIndex: () => true, filterFor: () => null, sees: () => true };

/** Judges the Authorization header for an action, and for an index when the path names one. */
export function authorize(header: string | null, action: string, index: string | null, store: KeyStore): Authority {
  const isKeysAction = action.startsWith("keys.");
  if (store.masterKey === null && !isKeysAction) return EVERYTHING;
  const token = bearer(header);
  if (store.masterKey === null) {
    throw new NodeError(
      "missing_master_key",
      "Meilisearch is running without a master key. To access this API endpoint, you must have set a master key at launch.",
    );
  }
  if (token === null) throw missingHeader();
  if (token === store.masterKey) return EVERYTHING;
  const tenant = action === "search" ? readTenantToken(token, store) : null;
  const key = tenant?.key ?? store.find(token);
  if (key === undefined || isExpired(key) || store.textOf(key.uid) === "" || (tenant === null && token === key.uid))
    throw invalidKey();
  const authority = authorityOf(key, tenant);
  if (index !== null) checkIndex(key, tenant, index);
  if (!allowsAction(key.actions, action)) throw invalidKey();
  if (isGlobalAction(action) && !key.indexes.includes("*")) throw invalidKey();
  return authority;
}

function bearer(header: string | null): string | null {
  if (header === null) return null;
  const [scheme, token] = header.split(/ (.*)/s);
  if (scheme !== "Bearer") throw missingHeader();
  if (token === undefined) throw invalidKey();
  return token;
}

function authorityOf(key: ApiKey, tenant: TenantToken | null): Authority {
  const sees = (uid: string): boolean =>
    coversIndex(key.indexes, uid) && (tenant === null || ruleFor(tenant, uid) !== undefined);
  return {
    indexes: key.indexes.includes("*") && tenant === null ? null : key.indexes,
    mayCreateIndex: (uid) => allowsAction(key.actions, "indexes.create") && coversIndex(key.indexes, uid),
    filterFor: (uid) => {
      if (tenant === null) return null;
      checkIndex(key, tenant, uid);
      return ruleFor(tenant, uid)?.filter ?? null;
    },
    sees,
  };
}

/** What a tenant token allows is public, what its parent key allows is not. */
function checkIndex(key: ApiKey, tenant: TenantToken | null, uid: string): void {
  if (tenant !== null && ruleFor(tenant, uid) === undefined) {
    throw new NodeError(
      "invalid_api_key",
      `The provided tenant token cannot acces the index \`${uid}\`, allowed indexes are ${debugList([...tenant.rules.keys()])}.`,
    );
  }
  if (coversIndex(key.indexes, uid)) return;
  throw new NodeError(
    "invalid_api_key",
    tenant !== null
      ? `The API key used to generate this tenant token cannot acces the index \`${uid}\`.`
      : `The API key cannot acces the index \`${uid}\`, authorized indexes are ${debugList(key.indexes)}.`,
  );
}

function debugList(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
}

function invalidKey(): NodeError {
  return new NodeError("invalid_api_key", "The provided API key is invalid.");
}

function missingHeader(): NodeError {
  return new NodeError(
    "missing_authorization_header",
    "The Authorization header is missing. It must use the bearer authorization method.",
  );
}
