/** What browsers and odd clients ask before and beside the API: one real node and Miroir, header by header. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startPair, type Pair, type Side } from "../support/clients-pair.ts";
import { realEnginePath } from "../support/nodes.ts";

const HEADERS = [
  "access-control-allow-origin",
  "access-control-allow-headers",
  "access-control-max-age",
  "access-control-allow-credentials",
  "access-control-expose-headers",
  "content-type",
];

describe.skipIf(realEnginePath() === null)("beside a node", () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair(1, 1);
    await pair.load("POST", "/indexes", { uid: "films", primaryKey: "id" });
  });
  afterAll(() => pair.stop());

  const PATHS = ["/", "/health", "/indexes", "/indexes/films", "/indexes/films/search", "/nowhere"];

  async function same(method: string, path: string, headers: Record<string, string>, names = HEADERS): Promise<void> {
    const ask = async (side: Side): Promise<unknown> => {
      const answer = await fetch(side.url + path, { method, headers: { "accept-encoding": "identity", ...headers } });
      const methods = answer.headers.get("access-control-allow-methods")?.split(", ").toSorted() ?? null;
      const vary = answer.headers.get("vary")?.replace(/, accept-encoding$/i, "") ?? null;
      await answer.arrayBuffer();
      return [method, path, answer.status, methods, vary, ...names.map((name) => [name, answer.headers.get(name)])];
    };
    const { single, miroir } = await pair.both(ask);
    expect(miroir).toEqual(single);
  }

  test.each(PATHS)("a page that asks before it sends to %s gets the engine's answer", async (path) => {
    const asks = (method: string, more: Record<string, string> = {}): Record<string, string> => ({
      origin: "http://example.com",
      "access-control-request-method": method,
      ...more,
    });
    for (const method of [
      "GET",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "HEAD",
      "OPTIONS",
      "TRACE",
      "CONNECT",
      "BREW",
      "get",
    ]) {
      await same("OPTIONS", path, asks(method), HEADERS.slice(0, -1));
    }
    const wanted = { "access-control-request-headers": "authorization,  X-Meilisearch-Client" };
    await same("OPTIONS", path, asks("POST", wanted));
    await same("OPTIONS", path, { "access-control-request-method": "POST" });
  });

  test.each(["http://example.com", "null", "not an address", undefined])(
    "an answer to origin %p carries the engine's headers, also when it is refused",
    async (origin) => {
      const from: Record<string, string> = origin === undefined ? {} : { origin };
      const key = { authorization: `Bearer ${pair.single.masterKey}` };
      for (const path of PATHS.slice(0, -1)) await same("GET", path, { ...from, ...key });
      await same("GET", "/indexes", { ...from, authorization: "Bearer wrong" });
      await same("GET", "/indexes", from);
      // The bodies that Miroir adds to these have a type.
      await same("GET", "/nowhere", from, HEADERS.slice(0, -1));
      await same("PUT", "/indexes", from, HEADERS.slice(0, -1));
      await same("OPTIONS", "/indexes", from, HEADERS.slice(0, -1));
    },
  );

  test("HEAD, odd methods, slashes and paths that are written otherwise lead where they lead on a node", async () => {
    const key = { authorization: `Bearer ${pair.single.masterKey}` };
    for (const path of PATHS) {
      await same("HEAD", path, key);
      for (const method of ["TRACE", "BREW"]) await same(method, path, key, []);
      await same("GET", `${path}/`, key, []);
      await same("GET", `/${path}`, key, []);
    }
    for (const path of ["/indexes/fil%6ds", "/indexes/films%2Fdocuments", "/indexes/films/documents/%zz"]) {
      await same("GET", path, key, []);
    }
  });
});
