import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createRouteMatcher, normalizePath } from "../../../src/http/match-route.ts";
import type { Method, Route } from "../../../src/http/route.ts";

const route = (method: Method, path: string): Route => ({
  method,
  path,
  access: { kind: "exempt" },
  answered: "",
  handler: async () => ({ status: 200, body: null }),
});

const match = createRouteMatcher([
  route("GET", "/"),
  route("GET", "/indexes"),
  route("POST", "/indexes"),
  route("GET", "/indexes/{indexUid}"),
  route("GET", "/indexes/{indexUid}/documents/{documentId}"),
  route("DELETE", "/indexes/{indexUid}/documents/{documentId}"),
  route("POST", "/indexes/{indexUid}/documents/fetch"),
  route("GET", "/indexes/{indexUid}/settings/{name}"),
  route("GET", "/a/b/{x}/c"),
  route("GET", "/a/{y}/d"),
]);

const found = (method: string, path: string): [string, Readonly<Record<string, string>>] | string => {
  const result = match(method, path);
  return result.kind === "found" ? [result.route.path, result.params] : result.kind;
};

describe("matching a path", () => {
  test("finds literals, parameters and the root", () => {
    expect(found("GET", "/")).toEqual(["/", {}]);
    expect(found("POST", "/indexes")).toEqual(["/indexes", {}]);
    expect(found("GET", "/indexes/movies")).toEqual(["/indexes/{indexUid}", { indexUid: "movies" }]);
  });

  test("a literal beats a parameter, also when its method is another: the document `fetch` cannot be read", () => {
    expect(found("POST", "/indexes/m/documents/fetch")).toEqual([
      "/indexes/{indexUid}/documents/fetch",
      { indexUid: "m" },
    ]);
    expect(found("GET", "/indexes/m/documents/fetch")).toBe("wrong_method");
  });

  test("goes back to the parameter when the literal leads nowhere", () => {
    expect(found("GET", "/a/b/d")).toEqual(["/a/{y}/d", { y: "b" }]);
    expect(found("GET", "/a/b/z/c")).toEqual(["/a/b/{x}/c", { x: "z" }]);
  });

  test("decodes parameters, and takes what cannot be decoded as it stands", () => {
    expect(found("GET", "/indexes/a%2Fb")).toEqual(["/indexes/{indexUid}", { indexUid: "a/b" }]);
    expect(found("GET", "/indexes/%zz")).toEqual(["/indexes/{indexUid}", { indexUid: "%zz" }]);
  });

  test("tells a wrong method, with the right ones, from an unknown path", () => {
    expect(match("PATCH", "/indexes")).toEqual({
      kind: "wrong_method",
      template: "/indexes",
      allowed: ["GET", "POST"],
    });
    expect(found("GET", "/nope")).toBe("unknown");
    expect(found("GET", "/indexes/x/documents")).toBe("unknown");
    expect(found("GET", "/Indexes")).toBe("unknown");
  });

  test("names that belong to objects are ordinary segments", () => {
    expect(found("GET", "/__proto__")).toBe("unknown");
    expect(found("GET", "/constructor")).toBe("unknown");
    expect(found("GET", "/indexes/__proto__")).toEqual(["/indexes/{indexUid}", { indexUid: "__proto__" }]);
  });

  test("never throws and never finds a route with an empty parameter", () => {
    fc.assert(
      fc.property(fc.string(), (rest) => {
        const result = match("GET", normalizePath(`/${rest}`));
        if (result.kind === "found") for (const value of Object.values(result.params)) expect(value).not.toBe("");
      }),
    );
  });
});

test("slashes at the end do not count and doubled ones count once", () => {
  const cases = { "/": "/", "//": "/", "/health/": "/health", "//health//": "/health", "/a//b": "/a/b", "/a": "/a" };
  for (const [path, normal] of Object.entries(cases)) expect(normalizePath(path)).toBe(normal);
});
