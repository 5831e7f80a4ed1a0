/** What two answers of different status come to. */
import { expect, test } from "bun:test";

import { compare, type Answer, type Judge } from "../../differential/compare.ts";
import type { Comparison } from "../../differential/verdict.ts";

function answer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, text: "{}", headers: new Headers(headers) };
}

async function verdict(single: Answer, miroir: Answer): Promise<string> {
  const say = (word: Comparison["verdict"]) => (): Promise<Comparison> =>
    Promise.resolve({ verdict: word, difference: "" });
  const judge: Judge = {
    search: say("different"),
    documents: say("different"),
    facetSearch: say("different"),
    refused: say("different"),
    failed: say("engine_fault"),
  };
  return (await compare(single, miroir, judge)).verdict;
}

test("a fault of the engine is looked into only where Miroir says that shards are missing", async () => {
  const partial = answer(200, { "x-miroir-degraded": "shards=3" });
  expect(await verdict(answer(500), partial)).toBe("engine_fault");
  expect(await verdict(answer(500), answer(200))).toBe("different");
  expect(await verdict(answer(400), partial)).toBe("different");
  expect(await verdict(answer(200), answer(501))).toBe("not_supported");
});
