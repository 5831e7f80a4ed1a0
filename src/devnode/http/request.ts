/** One request as the routes see it: path parameters, checked query parameters, decoded body. */
import type { Authority } from "../keys/authorize.ts";
import { NodeError } from "../node-error.ts";
import type { NodeState } from "../node-state.ts";
import { jsonFault } from "./json-fault.ts";
import { unsupported } from "./unsupported.ts";
import { didYouMean } from "./validate.ts";

export interface NodeRequestContext {
  readonly node: NodeState;
  readonly request: Request;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly authority: Authority;
}

export interface NodeReply {
  readonly status: number;
  readonly body?: unknown;
}

const BODY_BYTES_MAX = 104_857_600;
const INDEX_UID = /^[a-zA-Z0-9_-]{1,400}$/;

/** The index uid of the path. */
export function indexUid(context: NodeRequestContext): string {
  const uid = context.parameters["index"] ?? "";
  if (!INDEX_UID.test(uid)) throw badIndexUid(uid, "");
  return uid;
}

export function isIndexUid(uid: string): boolean {
  return INDEX_UID.test(uid);
}

export function badIndexUid(uid: string, where: string): NodeError {
  return new NodeError(
    "invalid_index_uid",
    `${where}\`${uid}\` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.`,
  );
}

/** The query parameters in the order they were sent; one that is not known is refused. */
export function queryParameters(context: NodeRequestContext, known: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of context.query) {
    if (!known.includes(name)) {
      const expected = known.map((item) => `\`${item}\``).join(", ");
      throw new NodeError(
        "bad_request",
        `Unknown parameter \`${name}\`: ${didYouMean(name, known)}expected one of ${expected}`,
      );
    }
    found.set(name, value);
  }
  return found;
}

export function integerParameter(
  parameters: ReadonlyMap<string, string>,
  name: string,
  fallback: number,
  code: string,
): number {
  const text = parameters.get(name);
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) {
    throw new NodeError(
      code,
      `Invalid value in parameter \`${name}\`: could not parse \`${text}\` as a positive integer`,
    );
  }
  return Number(text);
}

export function booleanParameter(parameters: ReadonlyMap<string, string>, name: string, code: string): boolean {
  const text = parameters.get(name);
  if (text === undefined || text === "false") return false;
  if (text === "true") return true;
  throw new NodeError(
    code,
    `Invalid value in parameter \`${name}\`: could not parse \`${text}\` as a boolean, expected either \`true\` or \`false\``,
  );
}

/** The body as text, within the limit of the engine. */
export async function bodyText(context: NodeRequestContext): Promise<string> {
  const text = await unpacked(context);
  if (text.length > BODY_BYTES_MAX) {
    throw new NodeError(
      "payload_too_large",
      "The provided payload reached the size limit. The maximum accepted payload size is 100 MiB.",
    );
  }
  return text.toString("utf8");
}

async function unpacked({ request }: NodeRequestContext): Promise<Buffer> {
  const body = await request.arrayBuffer();
  const encoding = request.headers.get("content-encoding");
  if (encoding === null) return Buffer.from(body);
  // What exports send; of the others no test without an engine has need.
  if (encoding !== "gzip") throw unsupported(`content-encoding: ${encoding}`);
  return Buffer.from(Bun.gunzipSync(body));
}

/** A JSON body; it needs its content type. */
export async function jsonBody(context: NodeRequestContext): Promise<unknown> {
  requireContentType(context.request, ["application/json"]);
  const text = await bodyText(context);
  if (text === "") throw new NodeError("missing_payload", "A json payload is missing.");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new NodeError("malformed_payload", `The json payload provided is malformed. \`${jsonFault(text)}\`.`);
  }
}

/** A header that switches something on: its value is one of those given. */
export function isSwitchedOn({ request }: NodeRequestContext, header: string, ...values: readonly string[]): boolean {
  return values.includes(request.headers.get(header) ?? "");
}

/** The media type of the body, one of the accepted ones. */
export function requireContentType(request: Request, accepted: readonly string[]): string {
  const header = request.headers.get("content-type");
  const list = accepted.map((type) => `\`${type}\``).join(", ");
  const values = `Accepted values for the Content-Type header are: ${list}`;
  if (header === null || header === "") {
    throw new NodeError("missing_content_type", `A Content-Type header is missing. ${values}`);
  }
  const type = header.split(";")[0]?.trim().toLowerCase() ?? "";
  if (!accepted.includes(type))
    throw new NodeError("invalid_content_type", `The Content-Type \`${type}\` is invalid. ${values}`);
  return type;
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
