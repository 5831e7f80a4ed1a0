/** Requests to addresses that clients name: over real sockets on the loopback address. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createIpPolicy } from "../../../src/core/network/ip-policy.ts";
import { createHttpOutgoing } from "../../../src/outgoing/http/http-outgoing.ts";
import type { OutgoingRequest } from "../../../src/outgoing/outgoing.ts";
import { systemClock } from "../../../src/platform/system.ts";

let server: Bun.Server<undefined>;
let seen: { method: string; path: string; headers: Record<string, string> }[] = [];
beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      seen.push({ method: request.method, path: pathname, headers: request.headers.toJSON() });
      if (pathname === "/redirect") return Response.redirect("/other", 302);
      if (pathname === "/slow") await Bun.sleep(5_000);
      if (pathname === "/large") return new Response(new Uint8Array(1_100_000));
      return new Response(await request.text(), { status: pathname === "/refused" ? 418 : 200 });
    },
  });
});
afterAll(() => server.stop(true));

const open = createHttpOutgoing({ clock: systemClock, allows: createIpPolicy(["127.0.0.0/8", "::1"]) });
const closed = createHttpOutgoing({ clock: systemClock, allows: createIpPolicy([]) });

const request = (path: string, change: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  method: "POST",
  url: `http://127.0.0.1:${server.port}${path}`,
  headers: { "x-one": "1" },
  body: new TextEncoder().encode("text"),
  timeoutMs: 5_000,
  ...change,
});

test("a request arrives as it was given, and any answer is an answer", async () => {
  seen = [];
  expect(await open.send(request("/x?y=z"))).toEqual({ kind: "answered", status: 200, text: "text" });
  expect(await open.send(request("/refused"))).toMatchObject({ kind: "answered", status: 418 });
  expect(await open.send(request("/redirect"))).toMatchObject({ kind: "answered", status: 302 });
  expect(seen.map(({ method, path, headers }) => [method, path, headers["x-one"]])).toEqual([
    ["POST", "/x", "1"],
    ["POST", "/refused", "1"],
    ["POST", "/redirect", "1"],
  ]);
});

test("a name and a password in the address become a header, and never replace the client's", async () => {
  seen = [];
  const url = `http://me:p%40ss@127.0.0.1:${server.port}/`;
  await open.send(request("", { url }));
  await open.send(request("", { url, headers: { Authorization: "Bearer x" } }));
  expect(seen.map(({ headers }) => headers["authorization"])).toEqual([`Basic ${btoa("me:p@ss")}`, "Bearer x"]);
});

test("a header beyond ASCII goes out as UTF-8", async () => {
  seen = [];
  await open.send(request("/", { headers: { "x-one": "é" } }));
  expect(Buffer.from(seen[0]?.headers["x-one"] ?? "", "latin1").toString()).toBe("é");
});

test("an internal address is refused before anything is sent, by number and by name", async () => {
  seen = [];
  for (const host of ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]) {
    expect(await closed.send(request("", { url: `http://${host}:${server.port}/` }))).toMatchObject({
      kind: "failed",
      reason: "rejected_ip",
    });
  }
  expect(seen).toHaveLength(0);
});

test("what goes wrong is told apart", async () => {
  const reason = async (change: Partial<OutgoingRequest>, signal?: AbortSignal): Promise<unknown> => {
    const outcome = await open.send(request("/", change), signal);
    return outcome.kind === "failed" ? outcome.reason : outcome.kind;
  };
  expect(await reason({ url: "ftp://127.0.0.1/" })).toBe("invalid_url");
  expect(await reason({ url: "http://127.0.0.1:9/" })).toBe("connection");
  expect(await reason({ url: request("/slow").url, timeoutMs: 50 })).toBe("timeout");
  expect(await reason({ url: request("/large").url })).toBe("too_large");
  expect(await reason({}, AbortSignal.abort())).toBe("aborted");
  const leaving = new AbortController();
  const left = reason({ url: request("/slow").url }, leaving.signal);
  await Bun.sleep(30);
  leaving.abort();
  expect(await left).toBe("aborted");
});
