/** What the commands of `miroir ctl` share: the options, the request to the router, and the words for its failures. */
import { readEnvironment } from "../config/read-sources.ts";
import { ask, ASK_TIMEOUT_MS, errorIn, type Asked } from "./admin-client.ts";
import { findAdminKey } from "./admin-key.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { printError } from "./print.ts";

export const DEFAULT_URL = "http://127.0.0.1:7700";

export const ctlArguments = {
  url: {
    type: "string",
    valueHint: "url",
    description: `The router; also by MIROIR_URL [default: ${DEFAULT_URL}]`,
  },
  "admin-key": {
    type: "string",
    valueHint: "key",
    description: "The admin key; shows in the process list, prefer MIROIR_ADMIN_API_KEY",
  },
  json: { type: "boolean", description: "Answer in JSON" },
} as const;

/** For the help of every command that needs the key. */
export const KEY_PARAGRAPH =
  'The admin key (`admin.api_key` of the router) is taken from the environment variable MIROIR_ADMIN_API_KEY, else from ~/.config/miroir/credentials (TOML: admin_api_key = "…"; refused if others can read it), else from --admin-key.';

export const CTL_EXIT_CODES = [EXIT.ok, EXIT.failed, EXIT.unreachable, EXIT.refused] as const;

export interface CtlOptions {
  readonly url?: string | undefined;
  readonly "admin-key"?: string | undefined;
}

export type RouterAnswer =
  { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly code: ExitCode };

export function routerUrl(options: CtlOptions): string {
  const environment = readEnvironment()["MIROIR_URL"];
  const named = options.url ?? (environment === "" ? undefined : environment) ?? DEFAULT_URL;
  return named.replace(/\/+$/, "");
}

/** A request below `/_miroir/` with the admin key; whatever goes wrong is explained on standard error. */
export async function askRouter(
  options: CtlOptions,
  path: string,
  {
    method = "GET",
    timeoutMs = ASK_TIMEOUT_MS,
    body,
  }: { readonly method?: "GET" | "POST"; readonly timeoutMs?: number; readonly body?: unknown } = {},
): Promise<RouterAnswer> {
  const base = routerUrl(options);
  const { key, warnings, problem } = findAdminKey(options["admin-key"]);
  for (const warning of warnings) printError(`warning: ${warning}`);
  if (problem !== null) {
    printError(`${problem}.`);
    return { ok: false, code: EXIT.refused };
  }
  const asked = await ask(`${base}${path}`, { method, timeoutMs, body, ...(key === null ? {} : { key }) });
  if (asked.kind === "unreachable") return unreachable(base, asked.reason);
  if (asked.status === 200 || asked.status === 202) return { ok: true, body: asked.body };
  if (asked.status === 401 || asked.status === 403) {
    printError(
      key === null
        ? `The router wants the admin key. ${KEY_PARAGRAPH}`
        : `The router does not accept this admin key${said(asked)}`,
    );
    return { ok: false, code: EXIT.refused };
  }
  printError(`The router answered ${asked.status} to ${method} ${path}${said(asked)}`);
  return { ok: false, code: EXIT.failed };
}

export function unreachable(base: string, reason: string): { readonly ok: false; readonly code: ExitCode } {
  printError(`No router answers at ${base}: ${reason}. Is it running, and is this its address? See --url.`);
  return { ok: false, code: EXIT.unreachable };
}

function said(asked: Asked & { kind: "answered" }): string {
  const error = errorIn(asked.body);
  return error === null ? "." : `: ${error.message} (${error.code})`;
}

/** The answer of a router of another version may have another form. */
export function unexpected(path: string): ExitCode {
  printError(
    `The router's answer to ${path} has a form that this version does not know: are both of the same version?`,
  );
  return EXIT.failed;
}
