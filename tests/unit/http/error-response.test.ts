import { expect, test } from "bun:test";
import { AssertionFailure } from "../../../src/core/assert.ts";
import { apiError, nodeError } from "../../../src/core/errors/api-error.ts";
import { renderError } from "../../../src/http/error-response.ts";

test("an error of the caller's is shown as it is", () => {
  const { reply, ours } = renderError(apiError("index_not_found", "Index `x` not found."), "id");
  expect(ours).toBe(false);
  expect(reply.status).toBe(404);
  expect(JSON.parse(reply.body as string)).toEqual({
    message: "Index `x` not found.",
    code: "index_not_found",
    type: "invalid_request",
    link: "https://docs.meilisearch.com/errors#index_not_found",
  });
});

test("a node's error keeps its own words and link", () => {
  const body = { message: "m", code: "invalid_search_limit", type: "invalid_request", link: "l" };
  expect(JSON.parse(renderError(nodeError(400, body), "id").reply.body as string)).toEqual(body);
});

test("every 503 says when to come back", () => {
  expect(renderError(apiError("miroir_overloaded", "m"), "id").reply.headers).toEqual({ "retry-after": "10" });
  const soon = apiError("miroir_overloaded", "m", { retryAfterSeconds: 1 });
  expect(renderError(soon, "id").reply.headers).toEqual({ "retry-after": "1" });
  expect(renderError(apiError("not_found", "m"), "id").reply.headers).toBeUndefined();
});

test("a fault of ours tells nothing but where to look", () => {
  for (const fault of [new AssertionFailure("secret detail"), new TypeError("secret detail"), "secret detail", null]) {
    const { reply, ours } = renderError(fault, "the-id");
    expect(ours).toBe(true);
    expect(reply.status).toBe(500);
    expect(reply.body).not.toContain("secret detail");
    expect(JSON.parse(reply.body as string)).toMatchObject({ code: "internal", type: "internal" });
    expect(reply.body).toContain("the-id");
  }
});
