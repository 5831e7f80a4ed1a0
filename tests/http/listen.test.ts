/** What only a real socket shows: odd requests, unfinished ones, and bodies that do not stop. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { listen, listenForMetrics, type Listener } from "../../src/http/listen.ts";
import { json } from "../../src/http/respond.ts";
import { appFixture, route, type AppFixture } from "./app-fixture.ts";

const EXEMPT = { kind: "exempt" } as const;
let fixture: AppFixture;
let listener: Listener;
let aborted = Promise.withResolvers<void>();
let entered = Promise.withResolvers<void>();

beforeAll(() => {
  fixture = appFixture(
    [
      route("GET", "/health", async () => json(200, { status: "available" }), EXEMPT),
      route("POST", "/length", async (context) => json(200, (await context.body()).length), EXEMPT),
      route("POST", "/search", async () => json(200, 1)),
      route(
        "POST",
        "/slow",
        ({ signal }) => {
          entered.resolve();
          return new Promise((_, reject) =>
            signal.addEventListener("abort", () => {
              aborted.resolve();
              reject(signal.reason as Error);
            }),
          );
        },
        EXEMPT,
      ),
    ],
    { bodyBytesMax: 100_000 },
  );
  listener = listen(fixture.app, { hostname: "127.0.0.1", port: 0, emit: () => undefined });
});
afterAll(() => listener.kill());

/** Sends text as it is; resolves when the answer has its end or the connection is closed. */
async function raw(text: string): Promise<string> {
  let received = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: listener.port,
    socket: {
      data: (_socket, data) => {
        received += data.toString();
        if (received.endsWith("}") || received.includes("content-length: 0") || received.startsWith("HTTP/1.1 405"))
          resolve();
      },
      close: () => resolve(),
      error: () => resolve(),
    },
  });
  socket.write(text);
  socket.flush();
  await promise;
  socket.end();
  return received;
}

describe("odd requests", () => {
  const answered: [string, string, string][] = [
    ["HTTP/1.0 without a Host", "GET /health HTTP/1.0\r\n\r\n", "available"],
    ["a Host that is no host", "GET /health HTTP/1.1\r\nHost: a b:xx[\r\n\r\n", "available"],
    ["a target with scheme and host", "GET http://elsewhere/health HTTP/1.1\r\nHost: x\r\n\r\n", "available"],
    ["doubled slashes", "GET //health// HTTP/1.1\r\nHost: x\r\n\r\n", "available"],
    ["an unknown path of HTTP/1.0", "GET /nope?a=%zz HTTP/1.0\r\n\r\n", "not_found"],
    ["the probe of a load balancer", "OPTIONS / HTTP/1.0\r\n\r\n", "not_found"],
  ];
  for (const [what, text, expected] of answered) {
    test(`${what}: answered`, async () => expect(await raw(text)).toContain(expected));
  }

  test("garbage is refused and the listener lives on", async () => {
    for (const text of [
      "\u0000\u0001garbage\r\n\r\n",
      "GET /health HTTP/1.1\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    ]) {
      expect(await raw(text)).toStartWith("HTTP/1.1 400");
    }
    expect(await raw("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")).toContain("available");
  });

  test("HEAD is a wrong method, as on a node", async () => {
    const answer = await raw("HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(answer).toStartWith("HTTP/1.1 405");
    expect(answer.toLowerCase()).toContain("allow: get");
  });
});

describe("bodies", () => {
  test("one that declares too much is refused before it is sent", async () => {
    const answer = await raw("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\nabc");
    expect(answer).toStartWith("HTTP/1.1 413");
    expect(answer).toContain("payload_too_large");
  });

  test("one without a length is refused when it has become too long", async () => {
    const chunk = `2710\r\n${"a".repeat(10_000)}\r\n`;
    const answer = await raw(
      `POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(12)}`,
    );
    expect(answer).toStartWith("HTTP/1.1 413");
  });

  test("one without a length that stays below the limit arrives whole", async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 10; i++) controller.enqueue(new Uint8Array(1_000));
        controller.close();
      },
    });
    const answer = await fetch(`http://127.0.0.1:${listener.port}/length`, { method: "POST", body });
    expect(await answer.json()).toBe(10_000);
  });

  test("one that stays unread because the caller is refused does no harm", async () => {
    const url = `http://127.0.0.1:${listener.port}/search`;
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => fetch(url, { method: "POST", body: new Uint8Array(1_000_000) })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(401));
  });
});

test("the handler hears when its client hangs up", async () => {
  aborted = Promise.withResolvers();
  entered = Promise.withResolvers();
  const client = new AbortController();
  const request = fetch(`http://127.0.0.1:${listener.port}/slow`, { method: "POST", signal: client.signal });
  const failed = request.then(
    () => false,
    () => true,
  );
  await entered.promise;
  client.abort();
  await aborted.promise;
  expect(await failed).toBe(true);
});

test("the metrics listener serves the metrics and nothing else", async () => {
  const metrics = listenForMetrics(
    { render: async () => "miroir_up 1\n", contentType: "text/plain; version=0.0.4" },
    { hostname: "127.0.0.1", port: 0, emit: () => undefined },
  );
  const at = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${metrics.port}${path}`, init);
  const answer = await at("/metrics?x=1");
  expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
    200,
    "text/plain; version=0.0.4",
    "miroir_up 1\n",
  ]);
  expect((await at("/health")).status).toBe(404);
  expect((await at("/metrics/x")).status).toBe(404);
  expect((await at("/metrics", { method: "POST" })).status).toBe(405);
  await metrics.stop();
});

test("stopping waits for the answer that is being made", async () => {
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const own = appFixture([
    route(
      "GET",
      "/x",
      async () => {
        entered.resolve();
        await release.promise;
        return json(200, "done");
      },
      EXEMPT,
    ),
  ]);
  const one = listen(own.app, { hostname: "127.0.0.1", port: 0, emit: () => undefined });
  const answer = fetch(`http://127.0.0.1:${one.port}/x`);
  await entered.promise;
  const stopped = one.stop();
  release.resolve();
  expect(await (await answer).json()).toBe("done");
  await stopped;
});
