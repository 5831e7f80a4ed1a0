/** What is read of several nodes counts only if one index had the name all the time. */
import { beforeEach, expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { createOfSameIndex, type OfSameIndex } from "../../../src/services/anti-entropy/same-index.ts";
import { createRenames, type Renames } from "../../../src/services/routers/renames.ts";
import { ownTurns } from "../../../src/services/routers/turns.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const films = { uid: "films", createdAt: 1 } as IndexEntry;

let born: Map<string, number>;
let renames: Renames;
let ofSameIndex: OfSameIndex;

beforeEach(() => {
  born = new Map([
    ["films", 1],
    ["shows", 2],
  ]);
  const still = { quiet: async () => true, unsure: () => false, isOver: async () => false, changed: () => {} };
  renames = createRenames({ turns: ownTurns, clock: createFakeClock(), ...still });
  ofSameIndex = createOfSameIndex({ turns: renames.turns, renames, createdAt: (uid) => born.get(uid) });
});

/** A change of the names, which every node takes or none. */
async function change(names: readonly string[], carryOut: () => void): Promise<void> {
  await renames.change(names, async (task) => task.as(1));
  carryOut();
  renames.end(1);
}

const exchange = (): void => void (born = new Map([...born].map(([uid, time]) => [uid, 3 - time])));

test("what is read while nothing changes is what counts, also when another index changes its name", async () => {
  expect(await ofSameIndex(films, async () => "read")).toBe("read");
  expect(await ofSameIndex(films, () => change(["books", "songs"], () => {}).then(() => "read"))).toBe("read");
});

test("an exchange of names before it, or in the middle of it, makes it count for nothing", async () => {
  expect(await ofSameIndex(films, () => change(["films", "shows"], exchange).then(() => "read"))).toBeNull();
  let isRead = false;
  expect(await ofSameIndex(films, async () => (isRead = true))).toBeNull();
  expect(isRead).toBe(false);
});

test("so do two of them, and one that comes to nothing", async () => {
  const twice = async (): Promise<string> => {
    await change(["films", "shows"], exchange);
    await change(["films", "shows"], exchange);
    return "read";
  };
  expect(await ofSameIndex(films, twice)).toBeNull();
  expect(await ofSameIndex(films, () => change(["films", "shows"], () => {}).then(() => "read"))).toBeNull();
});

test("an index that is gone is not read", async () => {
  born.delete("films");
  expect(await ofSameIndex(films, async () => "read")).toBeNull();
});

test("reading waits until a change of the name that is under way has ended", async () => {
  await renames.change(["films", "shows"], async (task) => task.as(1));
  const log: string[] = [];
  const reading = ofSameIndex(films, async () => log.push("read"));
  await Bun.sleep(1);
  log.push("ended");
  renames.end(1);
  await reading;
  expect(log).toEqual(["ended", "read"]);
});

test("a reading that fails says so, and does not watch any longer", async () => {
  const failing = ofSameIndex(films, () => Promise.reject(new RangeError("no answer")));
  expect(await rejectionOf(failing)).toBeInstanceOf(RangeError);
  expect(await ofSameIndex(films, async () => "read")).toBe("read");
});
