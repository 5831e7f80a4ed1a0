import { describe, expect, test } from "bun:test";

import type { MultiLimits } from "../../../src/services/search/multi-limits.ts";
import { multiSearch } from "../../../src/services/search/multi-search.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createFleet, type Fleet, type FleetOptions } from "./fake-fleet.ts";

const owners: FleetOptions["owners"] = [[["a"], ["b"], ["a"], ["b"]]];
const authority = { allowsIndex: () => true, forcedFilter: () => undefined };

function ask(fleet: Fleet, limits: MultiLimits, queries: number, federation?: object): Promise<unknown> {
  const body = { queries: Array.from({ length: queries }, () => ({ indexUid: "films" })), ...federation };
  const judgement = { method: "POST", path: "/multi-search", body: JSON.stringify(body) } as const;
  const input = { body, judgement, authority, includeMetadata: false };
  return multiSearch({ ...fleet.deps, multi: limits }, input, new AbortController().signal);
}

function limitsOf(
  more: Partial<MultiLimits> = {},
): MultiLimits & { readonly clock: ReturnType<typeof createFakeClock> } {
  const clock = createFakeClock();
  return { enabled: true, queriesMax: 3, totalTimeoutMs: 1000, queryTimeoutMs: 400, ...more, clock };
}

test("more queries than a request may have are refused before any node is asked", async () => {
  const fleet = createFleet({ owners });
  const error = await rejectionOf(ask(fleet, limitsOf(), 4));
  expect(error).toMatchObject({ status: 400, code: "bad_request" });
  expect(String(error)).toContain("multi_search.max_queries_per_batch");
  expect(Object.values(fleet.nodes).every((node) => node.sent.length === 0)).toBe(true);
  expect(await ask(fleet, limitsOf(), 3)).toMatchObject({ missingShards: [] });
  expect(fleet.events).toContain("read.multi_searched");
});

describe.each([
  ["apart", undefined],
  ["federated", { federation: {} }],
])("searches %s", (_, federation) => {
  test.each([
    ["multi_search.per_query_timeout_ms", 400, {}],
    ["multi_search.total_timeout_ms", 300, { totalTimeoutMs: 300 }],
  ])("that take longer than %s end with 504, and their node requests with them", async (key, afterMs, more) => {
    const fleet = createFleet({ owners });
    const ended: string[] = [];
    for (const node of Object.values(fleet.nodes)) {
      node.answerWith(
        (_request, signal) =>
          new Promise((resolve) => {
            signal!.addEventListener("abort", () => {
              ended.push(node.nodeId);
              resolve({ kind: "unavailable", nodeId: node.nodeId, reason: "aborted", ambiguous: false, message: "" });
            });
          }),
      );
    }
    const limits = limitsOf(more);
    const pending = rejectionOf(ask(fleet, limits, 1, federation));
    await limits.clock.advance(afterMs);
    const error = await pending;
    expect(error).toMatchObject({ status: 504, code: "miroir_request_timeout" });
    expect(String(error)).toContain(key);
    expect(ended.toSorted()).toEqual(["a", "b"]);
  });
});
