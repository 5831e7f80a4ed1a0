/** What a client may write into a webhook: the change itself and the engine's refusals, in its order. Pure. */
import { type ApiError, apiError } from "../errors/api-error.ts";
import { HEADERS_PER_WEBHOOK_MAX, NIL_UUID, type Webhook } from "./webhook.ts";

/** The body of a request whose shape is right: null takes a header back. An absent member changes nothing. */
export interface WebhookSettings {
  readonly url?: string | null;
  readonly headers?: Readonly<Record<string, string | null>> | null;
}

/** The body as settings, or undefined when its shape is not right. */
export function webhookSettings(value: unknown): WebhookSettings | undefined {
  if (!isObject(value)) return undefined;
  const { url, headers, ...others } = value;
  if (Object.keys(others).length > 0) return undefined;
  if (url !== undefined && url !== null && typeof url !== "string") return undefined;
  if (headers === undefined || headers === null) return { ...(url !== undefined && { url }), ...nulled(headers) };
  if (!isObject(headers)) return undefined;
  const values = Object.values(headers);
  if (!values.every((one) => one === null || typeof one === "string")) return undefined;
  return { ...(url !== undefined && { url }), headers: headers as Readonly<Record<string, string | null>> };
}

/** Throws what the engine answers to a webhook that cannot be. */
export function newWebhook(uuid: string, settings: WebhookSettings): Webhook {
  const headers = Object.entries(settings.headers ?? {});
  if (headers.length > HEADERS_PER_WEBHOOK_MAX) throw tooManyHeaders(uuid);
  if (settings.url === undefined || settings.url === null) throw missingUrl(uuid);
  return checked({
    uuid,
    url: settings.url,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, value ?? ""])),
  });
}

/** Throws what the engine answers to a change that cannot be. */
export function changedWebhook(before: Webhook, settings: WebhookSettings): Webhook {
  if (settings.url === null) throw missingUrl(before.uuid);
  const headers = new Map(settings.headers === null ? [] : Object.entries(before.headers));
  for (const [name, value] of Object.entries(settings.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  if (headers.size > HEADERS_PER_WEBHOOK_MAX) throw tooManyHeaders(before.uuid);
  return checked({ uuid: before.uuid, url: settings.url ?? before.url, headers: Object.fromEntries(headers) });
}

export function tooManyWebhooks(): ApiError {
  return apiError(
    "invalid_webhooks",
    "Defining too many webhooks would crush the server. Please limit the number of webhooks to 20. You may use a third-party proxy server to dispatch events to more than 20 endpoints.",
  );
}

export function webhookNotFound(uuid: string): ApiError {
  return apiError("webhook_not_found", `Webhook \`${uuid}\` not found.`);
}

export function refuseNil(uuid: string): void {
  if (uuid !== NIL_UUID) return;
  throw apiError(
    "immutable_webhook",
    `Webhook \`${uuid}\` is immutable. The webhook defined from the command line cannot be modified using the API.`,
  );
}

function checked(webhook: Webhook): Webhook {
  if (webhook.url === "") throw missingUrl(webhook.uuid);
  for (const name of Object.keys(webhook.headers).toSorted()) {
    if (!HEADER_NAME.test(name)) {
      throw apiError("invalid_webhook_headers", `Invalid header name \`${name}\`: invalid HTTP header name`);
    }
    if (!HEADER_VALUE.test(webhook.headers[name] ?? "")) {
      throw apiError("invalid_webhook_headers", `Invalid header value \`${name}\`: failed to parse header value`);
    }
  }
  const wrong = wrongWithUrl(webhook.url);
  if (wrong !== null) throw apiError("invalid_webhook_url", `Invalid URL \`${webhook.url}\`: ${wrong}`);
  return webhook;
}

/** What the engine says of an address, or null. Both read addresses by the same standard. */
function wrongWithUrl(url: string): string | null {
  if (URL.canParse(url)) return null;
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(url);
  if (scheme === null) return "relative URL without a base";
  const authority = (/:[/\\]*([^/\\?#]*)/.exec(url)?.[1] ?? "").replace(/^.*@/, "");
  if (authority === "" || authority.startsWith(":")) return "empty host";
  if (authority.startsWith("[") && !URL.canParse(`http://${authority.replace(/:[^\]]*$/, "")}`)) {
    return "invalid IPv6 address";
  }
  const host = authority.replace(/:[^:\]]*$/, "");
  if (URL.canParse(`http://${host}`)) return "invalid port number";
  return /\.?\d+$/.test(host) ? "invalid IPv4 address" : "invalid international domain name";
}

function missingUrl(uuid: string): ApiError {
  return apiError("invalid_webhook_url", `The URL for the webhook \`${uuid}\` is missing.`);
}

function tooManyHeaders(uuid: string): ApiError {
  return apiError(
    "invalid_webhook_headers",
    `Too many headers for the webhook \`${uuid}\`. Please limit the number of headers to 200. Hint: To remove an already defined header set its value to \`null\``,
  );
}

function nulled(headers: null | undefined): { headers?: null } {
  return headers === null ? { headers } : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Everything but control characters. */
const HEADER_VALUE = /^[\t\x20-\x7e\u0080-\uffff]*$/;
