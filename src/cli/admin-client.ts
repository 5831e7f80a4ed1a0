/** The only way of the command line to a running router or node: one request, one answer, a deadline. */
export type Asked =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** The parsed JSON, or the text where it is none. */
      readonly body: unknown;
      /** The `date` header in milliseconds, if there is one. */
      readonly dateMs: number | null;
    }
  | { readonly kind: "unreachable"; readonly reason: string };

export const ASK_TIMEOUT_MS = 10_000;
const BODY_BYTES_MAX = 64 * 1024 * 1024;

export async function ask(
  url: string,
  options: {
    readonly key?: string;
    readonly timeoutMs?: number;
    readonly method?: "GET" | "POST";
    readonly body?: unknown;
  } = {},
): Promise<Asked> {
  const timeoutMs = options.timeoutMs ?? ASK_TIMEOUT_MS;
  const headers: Record<string, string> = { accept: "application/json", "accept-encoding": "identity" };
  if (options.key !== undefined && options.key !== "") headers["authorization"] = `Bearer ${options.key}`;
  if (options.body !== undefined) headers["content-type"] = "application/json";
  try {
    const response = await fetch(url, {
      method: options.method ?? "GET",
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await boundedText(response);
    if (text === null) return { kind: "unreachable", reason: `the answer is larger than ${BODY_BYTES_MAX} bytes` };
    const date = Date.parse(response.headers.get("date") ?? "");
    return { kind: "answered", status: response.status, body: parsed(text), dateMs: Number.isNaN(date) ? null : date };
  } catch (error) {
    return { kind: "unreachable", reason: reasonOf(error, timeoutMs) };
  }
}

/** For commands that look how far the router has come. */
export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

async function boundedText(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  if (code === "ConnectionRefused" || code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the host name is not known";
  return message ?? code ?? "unknown reason";
}

/** `message` and `code` of an error body in the engine's shape; null for anything else. */
export function errorIn(body: unknown): { readonly message: string; readonly code: string } | null {
  if (typeof body !== "object" || body === null) return null;
  const { message, code } = body as { message?: unknown; code?: unknown };
  return typeof message === "string" && typeof code === "string" ? { message, code } : null;
}
