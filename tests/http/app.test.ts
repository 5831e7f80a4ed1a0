import { describe, expect, test } from "bun:test";
import zlib from "node:zlib";
import { AssertionFailure } from "../../src/core/assert.ts";
import { apiError } from "../../src/core/errors/api-error.ts";
import { jsonBody } from "../../src/http/decode/json-body.ts";
import { empty, json, jsonText } from "../../src/http/respond.ts";
import { appFixture, MASTER, route } from "./app-fixture.ts";

const body = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>;

/** A handler that waits until the test lets it go, or until its signal fires if it listens. */
function gate(): { pass: () => void; wait: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { pass: () => resolve(), wait: promise };
}

const echo = route("POST", "/indexes/{indexUid}/echo", async (context) => {
  const { value } = await jsonBody(context);
  return json(200, { params: context.params, query: [...context.query], raw: context.rawQuery, value });
});

describe("an answer", () => {
  test("comes from the handler, which sees parameters, query and body", async () => {
    const response = await appFixture([echo]).send("POST", "/indexes/a%20b/echo/?x=1&y=%C3%A9", {
      headers: { authorization: `Bearer ${MASTER}`, "content-type": "application/json" },
      body: '{"q":1}',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await body(response)).toEqual({
      params: { indexUid: "a b" },
      query: [
        ["x", "1"],
        ["y", "\u00e9"],
      ],
      raw: "x=1&y=%C3%A9",
      value: { q: 1 },
    });
  });

  test("carries the client's request id, or a new one", async () => {
    const { send } = appFixture([echo]);
    const mine = await send("GET", "/nope", { headers: { "x-request-id": "mine" } });
    expect(mine.headers.get("x-request-id")).toBe("mine");
    const made = await send("GET", "/nope", { headers: { "x-request-id": "not sane" } });
    expect(made.headers.get("x-request-id")).toBe("made-1");
  });

  test("without a body has no content type", async () => {
    const response = await appFixture([route("DELETE", "/x", async () => empty(204))]).send("DELETE", "/x");
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([204, null, ""]);
  });

  test("is open to pages of any origin when one asks", async () => {
    const { send } = appFixture([route("GET", "/x", async () => json(200, 1))]);
    const headers = { authorization: `Bearer ${MASTER}`, origin: "http://a.b" };
    expect((await send("GET", "/x", { headers })).headers.get("access-control-allow-origin")).toBe("*");
    expect((await send("GET", "/x")).headers.get("access-control-allow-origin")).toBeNull();
  });

  test("is compressed when it is large and the client asks, and says what it depends on", async () => {
    const text = JSON.stringify("x".repeat(5_000));
    const { send } = appFixture([
      route("GET", "/large", async () => jsonText(200, text)),
      route("GET", "/small", async () => json(200, 1)),
    ]);
    const headers = { authorization: `Bearer ${MASTER}`, "accept-encoding": "gzip" };
    const packed = await send("GET", "/large", { headers });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(packed.headers.get("vary")).toEndWith(", Accept-Encoding");
    expect(zlib.gunzipSync(await packed.bytes()).toString()).toBe(text);
    expect((await send("GET", "/small", { headers })).headers.get("content-encoding")).toBeNull();
    const plain = await send("GET", "/large");
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(plain.headers.get("vary")).toEndWith(", Accept-Encoding");
  });

  test("a browser that asks before it sends may send anything", async () => {
    const response = await appFixture([]).send("OPTIONS", "/indexes", {
      headers: {
        origin: "http://a.b",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,x-a",
      },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(response.headers.get("access-control-allow-headers")).toBe("authorization,x-a");
    expect(response.headers.get("access-control-max-age")).toBe("86400");
  });
});

describe("a refusal", () => {
  test("of an unknown path is 404, of a wrong method 405 with the right ones, neither needs a key", async () => {
    const { app } = appFixture([echo]);
    const unknown = await app.handle(new Request("http://x/nope"));
    expect([unknown.status, (await body(unknown))["code"]]).toEqual([404, "not_found"]);
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      const wrong = await app.handle(new Request("http://x/indexes/a/echo", { method }));
      expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
    }
  });

  test("of the credential comes before the body is looked at", async () => {
    const response = await appFixture([echo]).send("POST", "/indexes/a/echo", { headers: {}, body: "not json" });
    expect([response.status, (await body(response))["code"]]).toEqual([401, "missing_authorization_header"]);
  });

  test("has the shape of the engine's for an error of the handler's", async () => {
    const { send, told } = appFixture([
      route("GET", "/x", async () => {
        throw apiError("index_not_found", "Index `x` not found.");
      }),
    ]);
    const response = await send("GET", "/x");
    expect(response.status).toBe(404);
    expect(Object.keys(await body(response))).toEqual(["message", "code", "type", "link"]);
    expect(told.map(({ name }) => name)).toEqual(["http.request_finished"]);
  });

  test("for a fault of ours tells nothing to the client and everything to the log", async () => {
    const { send, told } = appFixture([
      route("GET", "/x", async () => {
        throw new AssertionFailure("the inner workings");
      }),
    ]);
    const response = await send("GET", "/x");
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toContain("inner workings");
    expect(text).toContain("made-1");
    expect(told[0]?.name).toBe("http.request_failed");
    expect(String(told[0]?.fields["error"])).toContain("the inner workings");
  });

  test("for a body beyond the limit is 413 in the engine's words", async () => {
    const response = await appFixture([echo]).send("POST", "/indexes/a/echo", {
      headers: { authorization: `Bearer ${MASTER}`, "content-type": "application/json" },
      body: JSON.stringify("x".repeat(2_000)),
    });
    expect(response.status).toBe(413);
    expect(await body(response)).toMatchObject({
      code: "payload_too_large",
      message: "The provided payload reached the size limit. The maximum accepted payload size is 1 KB.",
    });
  });
});

describe("time", () => {
  test("a request that takes too long is answered with 504, and its handler hears of it", async () => {
    let reason: unknown;
    const { send, clock, app } = appFixture(
      [
        route("GET", "/x", async ({ signal }) => {
          await clock.sleep(60_000, signal).catch((error: unknown) => (reason = error));
          return json(200, "too late");
        }),
      ],
      { requestTimeoutMs: 1_000 },
    );
    const answer = send("GET", "/x");
    await clock.advance(1_000);
    const response = await answer;
    expect([response.status, (await body(response))["code"]]).toEqual([504, "miroir_request_timeout"]);
    expect(reason).toMatchObject({ code: "miroir_request_timeout" });
    expect([app.inFlight(), clock.pendingTimers()]).toEqual([0, 0]);
  });

  test("a handler that does not listen keeps its slot until it ends, but not its client", async () => {
    const { pass, wait } = gate();
    const { send, clock, app } = appFixture([route("GET", "/x", () => wait.then(() => json(200, 1)))]);
    const answer = send("GET", "/x");
    await clock.advance(30_000);
    expect((await answer).status).toBe(504);
    expect(app.inFlight()).toBe(1);
    pass();
    await clock.settle();
    expect(app.inFlight()).toBe(0);
  });

  test("no timer is left behind by requests that end in time", async () => {
    const { send, clock } = appFixture([route("GET", "/x", async () => json(200, 1))]);
    await send("GET", "/x");
    expect(clock.pendingTimers()).toBe(0);
  });

  test("a slow request is told of on its own", async () => {
    const { send, clock, told } = appFixture(
      [route("GET", "/x", async () => clock.sleep(500).then(() => json(200, 1)))],
      { slowQueryMs: 500 },
    );
    const answer = send("GET", "/x");
    await clock.advance(500);
    await answer;
    expect(told.map(({ name }) => name)).toEqual(["http.request_finished", "http.request_slow"]);
  });
});

describe("a client that goes away", () => {
  test("ends its request: the handler's signal fires and nothing is an error", async () => {
    const { app, clock, told } = appFixture([
      route("GET", "/x", async ({ signal }) => {
        await clock.sleep(60_000, signal);
        return json(200, 1);
      }),
    ]);
    const client = new AbortController();
    const headers = { authorization: `Bearer ${MASTER}` };
    const answer = app.handle(new Request("http://x/x", { headers, signal: client.signal }));
    await clock.settle();
    client.abort();
    expect((await answer).status).toBe(499);
    expect([app.inFlight(), clock.pendingTimers()]).toEqual([0, 0]);
    expect(told.map(({ name, fields }) => [name, fields["status"]])).toEqual([["http.request_finished", 499]]);
  });
});

describe("admission", () => {
  test("so many at once and no more; those that nobody is checked for always", async () => {
    const { pass, wait } = gate();
    const { send, app } = appFixture([
      route("GET", "/x", () => wait.then(() => json(200, 1))),
      route("GET", "/health", async () => json(200, 1), { kind: "exempt" }),
    ]);
    const running = [send("GET", "/x"), send("GET", "/x")];
    expect(app.inFlight()).toBe(2);
    const refused = await send("GET", "/x");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "10"]);
    expect((await body(refused))["code"]).toBe("miroir_overloaded");
    expect((await send("GET", "/health")).status).toBe(200);
    pass();
    for (const answer of running) expect((await answer).status).toBe(200);
    expect(app.inFlight()).toBe(0);
    expect((await send("GET", "/x")).status).toBe(200);
  });

  test("while it stops, the router finishes what runs and refuses what comes", async () => {
    const { pass, wait } = gate();
    const { send, app } = appFixture([
      route("GET", "/x", () => wait.then(() => json(200, 1))),
      route("GET", "/health", async () => json(200, 1), { kind: "exempt" }),
    ]);
    const running = send("GET", "/x");
    app.drain();
    const refused = await send("GET", "/x");
    expect([refused.status, (await body(refused))["code"]]).toEqual([503, "miroir_shutting_down"]);
    expect((await send("GET", "/health")).status).toBe(200);
    pass();
    expect((await running).status).toBe(200);
  });
});

describe("the record of a request", () => {
  test("has the template and never the path, the index and what the handler noted", async () => {
    const { send, told } = appFixture([
      route("GET", "/indexes/{indexUid}/documents/{documentId}", async (context) => {
        context.note({ node_count: 3 });
        context.note({ degraded: true });
        return json(200, 1);
      }),
    ]);
    await send("GET", "/indexes/movies/documents/private-id?filter=private");
    await send("GET", "/whatever/private-id");
    await send("PATCH", "/indexes/movies/documents/private-id");
    expect(
      told.map(({ fields }) => [fields["method"], fields["pathTemplate"], fields["status"], fields["notes"]]),
    ).toEqual([
      ["GET", "/indexes/{indexUid}/documents/{documentId}", 200, { index: "movies", node_count: 3, degraded: true }],
      ["GET", "unmatched", 404, null],
      ["PATCH", "/indexes/{indexUid}/documents/{documentId}", 405, null],
    ]);
    expect(JSON.stringify(told)).not.toContain("private");
  });

  test("of a probe that goes well is quieter", async () => {
    const { send, told } = appFixture([route("GET", "/health", async () => json(200, 1), { kind: "exempt" })]);
    await send("GET", "/health");
    expect(told[0]?.name).toBe("http.probe_finished");
  });
});
