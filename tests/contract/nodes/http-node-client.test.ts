/** The HTTP adapter against a real socket: what goes out, and how every kind of answer is classified. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { createHttpNodeClient } from "../../../src/nodes/http/http-node-client.ts";
import type { NodeRequest } from "../../../src/nodes/node-client.ts";

const read: NodeRequest = { method: "POST", path: "/x", body: "{}", operation: "x", timeoutMs: 1000, repeat: "safe" };

let seen: { headers: Headers; url: string; body: string }[] = [];
let reply: () => Response = () => Response.json({ ok: true });
let server: ReturnType<typeof Bun.serve>;

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      seen.push({ headers: request.headers, url: request.url, body: await request.text() });
      return reply();
    },
  });
});
afterAll(() => {
  void server.stop(true);
  void slowReader.stop(true);
});

/** Lets the sender run into a full line again and again, and counts chunks of 64 KiB that are not of one letter. */
const slowReader = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    let bytes = 0;
    let wrong = 0;
    for await (const part of request.body ?? []) {
      for (const byte of part) {
        if (byte !== 97 + (Math.floor(bytes / 65_536) % 26)) wrong += 1;
        bytes += 1;
      }
      await Bun.sleep(0);
    }
    return Response.json({ bytes, wrong });
  },
});

function client() {
  seen = [];
  return createHttpNodeClient({ nodeId: "n1", address: `http://127.0.0.1:${server.port}`, masterKey: "secret" });
}

describe("what is sent", () => {
  test("nothing leaves when it may not go any more, whatever it had waited for", async () => {
    const outcome = await client().send({ ...read, repeat: "once", mayGo: () => false });
    expect(outcome).toMatchObject({ kind: "unavailable", ambiguous: false });
    expect(seen).toEqual([]);
    expect(await client().send({ ...read, repeat: "once", mayGo: () => true })).toMatchObject({ kind: "answered" });
    expect(seen).toHaveLength(1);
  });

  test("a large body that may not go any more breaks off, and no server takes it for whole", async () => {
    const large = { ...read, repeat: "once", timeoutMs: 5_000, body: new Uint8Array(8_000_000).fill(97) } as const;
    let asked = 0;
    const outcome = await client().send({ ...large, mayGo: () => (asked += 1) < 4 });
    expect(outcome).toMatchObject({ kind: "unavailable", ambiguous: true });
    await Bun.sleep(50);
    expect(seen).toEqual([]);
  });

  test("identity encoding, the router's key, JSON by default, and the body as it was given", async () => {
    await client().send({ ...read, body: '{"a":1.0,"b":12345678901234567890}' });
    expect(seen[0]?.headers.get("accept-encoding")).toBe("identity");
    expect(seen[0]?.headers.get("authorization")).toBe("Bearer secret");
    expect(seen[0]?.headers.get("content-type")).toBe("application/json");
    expect(seen[0]?.body).toBe('{"a":1.0,"b":12345678901234567890}');
  });

  test("a body that is made while it is sent arrives whole, as often as it is sent, also at a node that reads slowly", async () => {
    const filling = new Uint8Array(65_536);
    const stream = {
      byteLength: filling.byteLength * 200,
      *chunks() {
        // The same memory for every chunk: harsher than what is allowed.
        for (let i = 0; i < 200; i += 1) yield filling.fill(97 + (i % 26));
      },
    };
    const address = `http://127.0.0.1:${slowReader.port}`;
    const slow = createHttpNodeClient({ nodeId: "n1", address, masterKey: "" });
    for (let sending = 0; sending < 2; sending += 1) {
      const outcome = await slow.send({ ...read, body: stream, timeoutMs: 20_000, repeat: "once" });
      expect(outcome).toMatchObject({ kind: "answered", text: `{"bytes":${stream.byteLength},"wrong":0}` });
    }
  });

  test("a node in open mode gets no credential", async () => {
    seen = [];
    const open = createHttpNodeClient({ nodeId: "n1", address: `http://127.0.0.1:${server.port}`, masterKey: "" });
    await open.send(read);
    expect(seen[0]?.headers.has("authorization")).toBe(false);
  });
});

describe("how an answer is classified", () => {
  const error = { message: "no", code: "invalid_search_q", type: "invalid_request", link: "l" };
  const cases: [string, () => Response, object][] = [
    ["2xx with JSON is an answer", () => Response.json({ a: 1 }), { kind: "answered", status: 200, text: '{"a":1}' }],
    [
      "a setting that is only a text is an answer",
      () => Response.json("byWord"),
      { kind: "answered", text: '"byWord"' },
    ],
    ["a setting that is not set is an answer", () => Response.json(null), { kind: "answered", text: "null" }],
    ["a word that is no JSON is garbage", () => new Response("welcome"), { kind: "unavailable", reason: "garbage" }],
    ["204 without a body is an answer", () => new Response(null, { status: 204 }), { kind: "answered", text: "" }],
    ["an engine error is a refusal, verbatim", () => Response.json(error, { status: 400 }), { kind: "refused", error }],
    ["a web page is garbage", () => new Response("<html></html>"), { kind: "unavailable", reason: "garbage" }],
    ["half a JSON text is garbage", () => new Response('{"hits":[{"a":'), { kind: "unavailable", reason: "garbage" }],
    ["a 404 page of something else is garbage", () => new Response("nope", { status: 404 }), { reason: "garbage" }],
    ["5xx is unavailable", () => new Response("oops", { status: 502 }), { reason: "server_error", ambiguous: true }],
    [
      "a refused router key is not the caller's fault",
      () => Response.json({ ...error, code: "invalid_api_key" }, { status: 403 }),
      { kind: "unavailable", reason: "credentials", ambiguous: false },
    ],
  ];
  for (const [name, answer, expected] of cases) {
    test(name, async () => {
      reply = answer;
      expect(await client().send(read)).toMatchObject(expected);
    });
  }

  test("nothing listens: unavailable, and certainly not carried out", async () => {
    const nobody = createHttpNodeClient({ nodeId: "n1", address: "http://127.0.0.1:1", masterKey: "" });
    expect(await nobody.send({ ...read, repeat: "once" })).toMatchObject({ reason: "connection", ambiguous: false });
  });

  test("a caller who gives up closes the request", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const slow = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => promise });
    const caller = new AbortController();
    const pending = createHttpNodeClient({ nodeId: "n1", address: slow.url.origin, masterKey: "" }).send(
      read,
      caller.signal,
    );
    caller.abort();
    expect(await pending).toMatchObject({ reason: "aborted" });
    resolve(Response.json({}));
    await slow.stop(true);
  });
});

describe("a write reaches the node at most once", () => {
  // A peer that answers the first request of a connection and then drops the connection when the second arrives.
  let requests = 0;
  let peer: Server;
  beforeAll(async () => {
    peer = createServer((socket: Socket) => {
      let onThisConnection = 0;
      socket.on("error", () => {});
      socket.on("data", () => {
        requests += 1;
        onThisConnection += 1;
        if (onThisConnection > 1) return socket.destroy();
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
        return undefined;
      });
    });
    await new Promise<void>((resolve) => void peer.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => void peer.close());

  for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
    test(`${method} is sent exactly once per call, also behind a connection that dies`, async () => {
      const address = peer.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const node = createHttpNodeClient({ nodeId: "n1", address: `http://127.0.0.1:${port}`, masterKey: "" });
      await node.send({ ...read, method: "GET", path: "/warm", operation: "x", repeat: "safe" });
      const before = requests;
      await node.send({ method, path: "/w", operation: "x", timeoutMs: 1000, repeat: "once" });
      expect(requests - before).toBe(1);
    });
  }
});
