/**
 * Every method of the official JavaScript client against a single node and against Miroir: the same results, the same
 * errors, the same tasks. What is not exercised, and what Miroir refuses, is listed; both lists may only shrink.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Meilisearch, MeilisearchApiError } from "meilisearch";
import { comparable } from "../support/clients-comparable.ts";
import { declaredMethods, watchCalls } from "../support/clients-declared.ts";
import { startPair, type Pair, type Side } from "../support/clients-pair.ts";
import { adminSteps } from "../support/clients-sdk-admin.ts";
import { documentSteps } from "../support/clients-sdk-documents.ts";
import { indexSteps } from "../support/clients-sdk-indexes.ts";
import { searchSteps } from "../support/clients-sdk-search.ts";
import { settingSteps } from "../support/clients-sdk-settings.ts";
import type { SdkStep, SdkWorld } from "../support/clients-sdk-step.ts";
import { taskSteps } from "../support/clients-sdk-tasks.ts";

/** Methods without a step, and why. */
const NOT_EXERCISED: Readonly<Record<string, string>> = {};

const AREAS: Readonly<Record<string, readonly SdkStep[]>> = {
  indexes: indexSteps,
  documents: documentSteps,
  search: searchSteps,
  settings: settingSteps,
  tasks: taskSteps,
  administration: adminSteps,
};

describe("every method of the client", () => {
  const watched = watchCalls();
  let pair: Pair;
  let single: SdkWorld;
  let miroir: SdkWorld;

  beforeAll(async () => {
    pair = await startPair();
    single = worldOf(pair.single);
    miroir = worldOf(pair.miroir);
  });
  afterAll(async () => {
    watched.restore();
    await pair.stop();
  });

  for (const [area, steps] of Object.entries(AREAS)) {
    describe(area, () => {
      for (const [says, run, refused] of steps) {
        if (refused === "refused") {
          test(`${says}: not in this version`, async () => {
            const answer = await outcome(run, miroir);
            expect(answer).toBeInstanceOf(MeilisearchApiError);
            expect((answer as MeilisearchApiError).cause?.code).toBe("miroir_not_supported");
          });
          continue;
        }
        test(says, async () => {
          const [left, right] = await Promise.all([outcome(run, single), outcome(run, miroir)]);
          expect(comparable(right)).toEqual(comparable(left));
        });
      }
    });
  }

  test("no method of the declarations is left out", () => {
    const declared = declaredMethods();
    expect(declared.length).toBeGreaterThan(150);
    expect(declared.filter((method) => !watched.called.has(method) && !(method in NOT_EXERCISED))).toEqual([]);
    expect(Object.keys(NOT_EXERCISED).filter((method) => watched.called.has(method))).toEqual([]);
  });
});

function worldOf({ url, masterKey }: Side): SdkWorld {
  const defaultWaitOptions = { timeout: 60_000, interval: 10 };
  return {
    client: new Meilisearch({ host: url, apiKey: masterKey, defaultWaitOptions }),
    url,
    masterKey,
    kept: new Map(),
  };
}

/** What the step gives or the error it throws: both are answers. */
async function outcome(run: SdkStep[1], world: SdkWorld): Promise<unknown> {
  try {
    return await run(world);
  } catch (error) {
    return error;
  }
}
