/** A shard is compared only as long as one index has the name. */
import { expect, test } from "bun:test";
import { compareShard } from "../../../src/services/anti-entropy/compare-shard.ts";
import type { ReplicaDeps } from "../../../src/services/anti-entropy/replica-deps.ts";
import { apiError } from "../../../src/core/errors/api-error.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { repairRig, stored } from "./repair-rig.ts";

const OPTIONS = { repair: true, suspected: new Set<string>(), pace: () => Promise.resolve(), holds: false };

/** Both replicas hold the same. */
function compareWith(ofSameIndex: ReplicaDeps["ofSameIndex"]) {
  const rig = repairRig();
  for (const held of [rig.held.a, rig.held.b]) held.set("1", stored("1", 1, {}));
  return compareShard({ ...rig.deps, ofSameIndex }, rig.entry, 0, OPTIONS, new AbortController().signal);
}

test("equal replicas are found equal while nothing changes the name", async () => {
  expect(await compareWith((_entry, read) => read())).toMatchObject({ state: "equal", documents: 1 });
});

test("what was read under two indexes says nothing: the shard is compared another time", async () => {
  const renamed: ReplicaDeps["ofSameIndex"] = (_entry, read) => read().then(() => null);
  expect(await compareWith(renamed)).toMatchObject({ state: "open", documents: 0, repaired: 0 });
});

test("an index that changes its name for longer than it is waited for leaves its shards open, and ends no walk", async () => {
  const busy = apiError("miroir_overloaded", "Index `films` is changing its name. Send the request again later.");
  expect(await compareWith(() => Promise.reject(busy))).toMatchObject({ state: "open" });
  const failing = apiError("miroir_store_unavailable", "The store does not answer.");
  expect(await rejectionOf(compareWith(() => Promise.reject(failing)))).toBe(failing);
});
