/** The demo as a client: plain requests with a key, JSON in and out. */

export interface DemoAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** One request; the answer's body is parsed if it is JSON. Ends after ten seconds. */
export async function demoFetch(method: string, url: string, key?: string, body?: unknown): Promise<DemoAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text.startsWith("{") ? JSON.parse(text) : text };
}

const REQUEST_TIMEOUT_MS = 10_000;
