/** A listener that takes what a webhook is sent, on a loopback port of its own. */
import { gunzipSync } from "node:zlib";

export interface Delivery {
  readonly headers: Headers;
  readonly tasks: readonly Record<string, unknown>[];
}

export interface WebhookListener {
  readonly url: string;
  readonly port: number;
  readonly deliveries: readonly Delivery[];
  /** Every task it was told of, in the order of arrival. */
  tasks(): readonly Record<string, unknown>[];
  /** Requests so far, those that were refused included. */
  readonly requests: number;
  /** What it answers from now on. */
  answerWith(status: number): void;
  /** Resolves when `enough` holds; throws when it does not within the time. */
  until(enough: (listener: WebhookListener) => boolean, timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export function startWebhookListener(port = 0): WebhookListener {
  const deliveries: Delivery[] = [];
  let status = 200;
  let requests = 0;
  const server = Bun.serve({
    port,
    hostname: "127.0.0.1",
    async fetch(request) {
      const lines = gunzipSync(await request.bytes()).toString("utf8");
      requests += 1;
      if (status < 300) {
        expectLineEnd(lines);
        const tasks = lines
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Record<string, unknown>);
        deliveries.push({ headers: request.headers, tasks });
      }
      return new Response(null, { status });
    },
  });
  const listener: WebhookListener = {
    url: `http://127.0.0.1:${server.port}/hook`,
    port: server.port ?? 0,
    deliveries,
    get requests() {
      return requests;
    },
    tasks: () => deliveries.flatMap(({ tasks }) => tasks),
    answerWith: (next) => void (status = next),
    async until(enough, timeoutMs = 20_000) {
      const deadline = performance.now() + timeoutMs;
      while (!enough(listener)) {
        if (performance.now() > deadline) throw new TypeError(`not told in time: ${JSON.stringify(listener.tasks())}`);
        await Bun.sleep(10);
      }
    },
    stop: () => server.stop(true),
  };
  return listener;
}

function expectLineEnd(lines: string): void {
  if (!lines.endsWith("\n")) throw new TypeError(`the last task is not a whole line: ${lines}`);
}
