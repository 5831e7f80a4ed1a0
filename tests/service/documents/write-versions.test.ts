/** The versions that tell which of a write and a deletion came later, across restarts. */
import { expect, test } from "bun:test";
import { createSequenceClock } from "../../../src/core/markers/sequence-clock.ts";
import { createWriteVersions, type WriteVersions } from "../../../src/services/documents/write-versions.ts";
import { memoryTombstoneStore } from "../../../src/store/memory/tombstone-store.ts";

const HOUR_MS = 3_600_000;
const NOON_MS = 1_800_000_000_000;

test("a write after a restart is newer than every remembered deletion, also where the clock has gone back", async () => {
  const tombstones = memoryTombstoneStore();
  const start = (nowMs: number): WriteVersions =>
    createWriteVersions({
      versionClock: createSequenceClock(0),
      tombstones,
      clock: { nowMs: () => nowMs },
      random: { uuidV7: () => String(nowMs) },
    });

  const before = start(NOON_MS);
  const deletion = await before.remember({ born: 1, kind: "filter", payload: '"tag = green"' });
  const deleted = before.next();
  await deletion.confirm(deleted, 1);

  const after = start(NOON_MS - 2 * HOUR_MS);
  await after.catchUp();
  expect(after.next()! > deleted!).toBe(true);
});
