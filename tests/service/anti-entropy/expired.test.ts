/** Copies of documents that have expired, when replicas are compared. */
import { describe, expect, test } from "bun:test";
import { encodeExpiry } from "../../../src/core/markers/expiry.ts";
import { EXPIRES_AT_FIELD } from "../../../src/core/markers/fields.ts";
import { repairRig, stored } from "./repair-rig.ts";

const NOW_MS = Date.UTC(2025, 0, 1);
const HOUR_MS = 3_600_000;

function expiring(id: string, version: number, expiresAt: number): Readonly<Record<string, unknown>> {
  return stored(id, version, { [EXPIRES_AT_FIELD]: encodeExpiry(expiresAt) });
}

describe("where documents expire", () => {
  test("a copy that one replica alone has is deleted and not brought to the other", async () => {
    const rig = repairRig({ expiry: true });
    rig.held.a.set("old", expiring("old", 1, NOW_MS - 1));
    rig.held.a.set("lives", expiring("lives", 1, NOW_MS + HOUR_MS));
    expect(await rig.compare()).toMatchObject({ state: "equal", differing: 2, repaired: 2 });
    expect([...rig.held.a.keys()]).toEqual(["lives"]);
    expect([...rig.held.b.keys()]).toEqual(["lives"]);
  });

  test("the newer of two copies decides, whichever of them has expired", async () => {
    const rig = repairRig({ expiry: true });
    rig.held.a.set("renewed", expiring("renewed", 1, NOW_MS - 1));
    rig.held.b.set("renewed", expiring("renewed", 2, NOW_MS + HOUR_MS));
    rig.held.a.set("shortened", expiring("shortened", 1, NOW_MS + HOUR_MS));
    rig.held.b.set("shortened", expiring("shortened", 2, NOW_MS - 1));
    await rig.compare();
    for (const held of [rig.held.a, rig.held.b])
      expect(Object.fromEntries(held)).toEqual({ renewed: expiring("renewed", 2, NOW_MS + HOUR_MS) });
  });

  test("one that all replicas have alike is left to the sweeps, until they must have lost sight of it", async () => {
    const rig = repairRig({ expiry: true });
    for (const held of [rig.held.a, rig.held.b]) {
      held.set("just", expiring("just", 1, NOW_MS - HOUR_MS + 1));
      held.set("long", expiring("long", 1, NOW_MS - HOUR_MS));
    }
    await rig.compare();
    expect([...rig.held.a.keys()]).toEqual(["just"]);
    expect([...rig.held.b.keys()]).toEqual(["just"]);
  });

  test("nothing is deleted where it is only to be reported", async () => {
    const rig = repairRig({ expiry: true });
    rig.held.a.set("old", expiring("old", 1, NOW_MS - 1));
    expect(await rig.compare({ repair: false })).toMatchObject({ state: "different", differing: 1, repaired: 0 });
    expect([...rig.held.a.keys()]).toEqual(["old"]);
  });
});

test("where they do not, a copy with the marker is one like any other", async () => {
  const rig = repairRig();
  rig.held.a.set("old", expiring("old", 1, NOW_MS - 2 * HOUR_MS));
  await rig.compare();
  expect([...rig.held.b.keys()]).toEqual(["old"]);
});
