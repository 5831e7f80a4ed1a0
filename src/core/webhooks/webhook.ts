/** A place that wants to hear of every task that has ended; how clients see one. */

export interface Webhook {
  /** Hyphenated, lower case. */
  readonly uuid: string;
  readonly url: string;
  /** By name; sent with every delivery. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What clients are shown: the value of an `Authorization` header is cut short, whatever its spelling. */
export interface WebhookView {
  readonly uuid: string;
  readonly isEditable: boolean;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const WEBHOOKS_MAX = 20;
export const HEADERS_PER_WEBHOOK_MAX = 200;
/** Belongs to the webhook that a single node may have from its command line; Miroir has none. */
export const NIL_UUID = "00000000-0000-0000-0000-000000000000";

export function webhookView({ uuid, url, headers }: Webhook): WebhookView {
  const shown = Object.keys(headers)
    .toSorted()
    .map((name) => {
      const value = headers[name] ?? "";
      return [name, name.toLowerCase() === "authorization" ? hideAuthorization(value) : value] as const;
    });
  return { uuid, isEditable: true, url, headers: Object.fromEntries(shown) };
}

/** As the engine does it: the longer the secret, the more of its beginning is shown, and never more than five letters. */
export function hideSecret(secret: string): string {
  if (secret.length < 10) return "XXX...";
  if (secret.length < 20) return `${secret.slice(0, 2)}XXXX...`;
  if (secret.length < 30) return `${secret.slice(0, 3)}XXXXX...`;
  return `${secret.slice(0, 5)}XXXXXX...`;
}

function hideAuthorization(value: string): string {
  const scheme = value.startsWith(BEARER) ? BEARER : "";
  return scheme + hideSecret(value.slice(scheme.length));
}

const BEARER = "Bearer ";
