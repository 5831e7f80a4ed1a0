/**
 * A change of a part of a document, sent before its node lost its disk, reaches the empty node: there it becomes a
 * document of that part alone. Whoever compares, and whatever happens meanwhile, the whole document has to stand.
 */
import { describe, expect, test } from "bun:test";
import { type RepairRig, repairRig, stored } from "./repair-rig.ts";

const WHOLE = stored("k", 2, { title: "Metropolis", year: 1927 });
/** Of `version`, without what the change did not say. */
const piece = (version: number) => stored("k", version, { year: 1927, ["z" + version]: true });

function pieceOn(version: number): RepairRig {
  const rig = repairRig();
  rig.held.a.set("k", piece(version));
  rig.held.b.set("k", WHOLE);
  return rig;
}

function expectWhole({ held }: RepairRig): void {
  expect([held.a.get("k"), held.b.get("k")]).toEqual([WHOLE, WHOLE]);
}

describe("on a node that is repaired as a whole", () => {
  test.each([2, 3])(
    "the piece yields to the whole document, which is of version 2 and the piece of %d",
    async (version) => {
      const rig = pieceOn(version);
      rig.standing.a = "under repair";
      expect(await rig.compare()).toMatchObject({ state: "equal", repaired: 1 });
      expectWhole(rig);
    },
  );

  test("also when the whole document is on a node whose copy of the index is under suspicion", async () => {
    const rig = pieceOn(3);
    rig.standing.a = "under repair";
    await rig.compare({ suspected: ["b"] });
    expectWhole(rig);
  });

  test("also when the repair ends between the reading and the verdict", async () => {
    const rig = pieceOn(3);
    rig.standing.a = "under repair";
    rig.afterDocuments = () => void (rig.standing.a = "serves");
    await rig.compare();
    expectWhole(rig);
  });

  test("a document that no whole replica has is taken from it; if nobody is whole it stays, in its highest version", async () => {
    const rig = repairRig();
    rig.held.a.set("k", piece(3));
    rig.standing.a = "under repair";
    rig.standing.b = "under repair";
    await rig.compare();
    expect(rig.held.b.get("k")).toEqual(piece(3));
    rig.held.b.clear();
    rig.standing.b = "serves";
    await rig.compare();
    expect(rig.held.a.size).toBe(0);
  });
});

describe("on a node that loses its disk while it is compared", () => {
  /** It serves when it is chosen, and what it is asked for is read from another disk. */
  function losesDisk(rig: RepairRig, noticed: () => void): void {
    rig.beforeDocuments = (nodeId) => {
      if (nodeId !== "a") return;
      rig.beforeDocuments = () => {};
      rig.held.a.clear();
      rig.held.a.set("k", piece(4));
      noticed();
    };
  }

  test.each([
    ["it has been noticed", (rig: RepairRig) => (rig.standing.a = "to be repaired")],
    ["only the disk tells", (rig: RepairRig) => (rig.disk.a = "lost")],
    ["nothing can be said of its disk", (rig: RepairRig) => (rig.disk.a = "unknown")],
  ])("the piece stays where it is: %s", async (_case, notice) => {
    const rig = pieceOn(2);
    losesDisk(rig, () => void notice(rig));
    expect(await rig.compare()).toMatchObject({ state: "open", repaired: 0 });
    expect(rig.held.b.get("k")).toEqual(WHOLE);
  });

  test.each([
    ["it has been noticed", (rig: RepairRig) => (rig.standing.a = "to be repaired")],
    ["only the disk tells", (rig: RepairRig) => (rig.disk.a = "lost")],
  ])("its emptiness does not tell that what a suspected copy has is deleted: %s", async (_case, notice) => {
    const rig = repairRig();
    rig.held.b.set("k", WHOLE);
    rig.held.a.set("k", stored("k", 1, {}));
    losesDisk(rig, () => {
      rig.held.a.clear();
      notice(rig);
    });
    expect(await rig.compare({ suspected: ["b"] })).toMatchObject({ state: "open", repaired: 0 });
    expect(rig.held.b.get("k")).toEqual(WHOLE);
  });
});
