/**
 * Who may call what: rules 0 to 3 in their order. Decides from the headers alone, before a byte of the body is read,
 * and never lets a credential do what a node would refuse.
 */
import { apiError, type ApiError } from "../../core/errors/api-error.ts";
import type { Clock } from "../../platform/clock.ts";
import type { KeyFinder } from "../../services/keys/find-key.ts";
import type { Access } from "../route.ts";
import { allowsTenantTokens, isKeysAction } from "./action.ts";
import type { Authority } from "./authority.ts";
import { bearerToken, INVALID_KEY_MESSAGE, invalidKey, missingAuthorization } from "./bearer.ts";
import { parseJwt } from "./jwt.ts";
import { authorizeKey, type KeyCredential } from "./key-authority.ts";
import { createSecret, type Secret } from "./secret.ts";
import { forged, tenantClaims } from "./tenant-token.ts";

export interface AuthorizeDeps {
  readonly clock: Clock;
  readonly keys: KeyFinder;
  /** The clients' master key; empty: open mode. */
  readonly masterKey: string;
  /** Opens `/_miroir/` and nothing else; empty: nothing does. */
  readonly adminKey: string;
}

export interface AuthorizeInput {
  readonly access: Access;
  readonly headers: Headers;
  /** The index the path names, if it names one. */
  readonly indexUid: string | undefined;
  /** Read only when a node has to be asked, because a signal costs more than the decision. */
  readonly exchange: { readonly signal: AbortSignal };
}

/** Answers at once unless a node has to be asked. Rejects or throws with what the caller is told. */
export type Authorize = (input: AuthorizeInput) => Authority | Promise<Authority>;

export function createAuthorize(deps: AuthorizeDeps): Authorize {
  const master = deps.masterKey === "" ? null : createSecret(deps.masterKey);
  const admin = deps.adminKey === "" ? null : createSecret(deps.adminKey);
  return ({ access, headers, indexUid, exchange }) => {
    if (access.kind === "exempt") return EXEMPT;
    const authorization = headers.get("authorization");
    refuseSearchUiSession(authorization);
    if (access.kind === "admin") return authorizeAdmin(admin, headers, authorization);
    const token = bearerToken(authorization);
    if (master === null) {
      if (isKeysAction(access.action)) throw missingMasterKey();
      return OPEN;
    }
    if (token === null) throw missingAuthorization();
    if (master.matches(token)) return MASTER;
    return authorizeByKey(deps, token, access.action, indexUid, exchange.signal);
  };
}

/** Rule 1. Sessions of the search UI are not issued by this version, so that none can be valid; none falls through. */
function refuseSearchUiSession(authorization: string | null): void {
  if (authorization === null || !authorization.includes(".")) return;
  const parsed = parseJwt(authorization.slice(authorization.indexOf(" ") + 1));
  if (parsed.kind === "jwt" && parsed.jwt.claims["iss"] === "miroir") {
    throw apiError("miroir_jwt_invalid", "The search session is not valid: this version of Miroir does not issue any.");
  }
}

/** Rule 2. */
function authorizeAdmin(admin: Secret | null, headers: Headers, authorization: string | null): Authority {
  if (admin === null) {
    throw apiError(
      "miroir_invalid_auth",
      "The endpoints under `/_miroir/` are closed because there is no admin key. Set `admin.api_key` in the configuration or the environment variable `MIROIR_ADMIN_API_KEY`.",
    );
  }
  const given = headers.get("x-admin-key") ?? bearerOrNull(authorization);
  if (given === null) {
    throw apiError(
      "miroir_invalid_auth",
      "The admin key is missing. Send it as bearer token in `Authorization` or in `X-Admin-Key`.",
    );
  }
  if (admin.matches(given)) return ADMIN;
  throw apiError("miroir_invalid_auth", "The admin key is invalid.");
}

/** Rule 3 for everything but the master key. A token that is not a tenant token is looked up as an API key. */
async function authorizeByKey(
  deps: AuthorizeDeps,
  token: string,
  action: string,
  indexUid: string | undefined,
  signal: AbortSignal,
): Promise<Authority> {
  const tenant = allowsTenantTokens(action) ? await tenantCredential(deps, token, signal) : null;
  const credential = tenant ?? (await keyCredential(deps.keys, token, signal));
  return authorizeKey(credential, action, indexUid, deps.clock.nowMs());
}

async function keyCredential(keys: KeyFinder, token: string, signal: AbortSignal): Promise<KeyCredential> {
  const key = await keys.byText(token, signal);
  if (key === null) throw invalidKey(INVALID_KEY_MESSAGE);
  return { key, rules: null };
}

/** The signature is judged before anybody is asked, so that forged tokens cost the nodes nothing. */
async function tenantCredential(
  deps: AuthorizeDeps,
  token: string,
  signal: AbortSignal,
): Promise<KeyCredential | null> {
  const parsed = parseJwt(token);
  if (parsed.kind === "not_a_jwt") return null;
  if (parsed.kind === "broken") throw undecodable(parsed.why);
  const claims = tenantClaims(parsed.jwt);
  if (typeof claims === "string") throw undecodable(claims);
  const wrong = forged(parsed.jwt, deps.keys.textOf(claims.apiKeyUid));
  if (wrong !== null) throw undecodable(wrong);
  const nowSeconds = Math.floor(deps.clock.nowMs() / 1000);
  if (claims.expiresAt !== null && nowSeconds > claims.expiresAt) {
    throw invalidKey(`Tenant token expired. Was valid up to \`${claims.expiresAt}\` and we're now \`${nowSeconds}\`.`);
  }
  const key = await deps.keys.byUid(claims.apiKeyUid, signal);
  if (key === null) throw invalidKey(INVALID_KEY_MESSAGE);
  return { key, rules: claims.rules };
}

function undecodable(why: string): ApiError {
  return invalidKey(`Could not decode tenant token, ${why}.`);
}

function bearerOrNull(authorization: string | null): string | null {
  return authorization?.startsWith("Bearer ") === true ? authorization.slice("Bearer ".length) : null;
}

function missingMasterKey(): ApiError {
  return apiError(
    "missing_master_key",
    "Meilisearch is running without a master key. To access this API endpoint, you must have set a master key at launch.",
  );
}

const everything = (kind: Authority["kind"]): Authority => ({
  kind,
  keyUid: null,
  allowsAction: () => true,
  allowsIndex: () => true,
  restrictedToIndexes: false,
  forcedFilter: () => undefined,
});

const OPEN = everything("open");
const MASTER = everything("master");

const nothing = (kind: Authority["kind"]): Authority => ({
  kind,
  keyUid: null,
  allowsAction: () => false,
  allowsIndex: () => false,
  restrictedToIndexes: true,
  forcedFilter: () => undefined,
});

const EXEMPT = nothing("exempt");
const ADMIN = nothing("admin");
