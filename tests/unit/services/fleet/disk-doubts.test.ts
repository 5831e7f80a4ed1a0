/** A node whose connection broke is doubted until an answer that was made after that says it has its disk. */
import { expect, test } from "bun:test";
import { createDiskDoubts, type DiskState } from "../../../../src/services/fleet/disk-doubts.ts";

/** Each question is answered by the next call of what is in `open`. */
function scene() {
  const open: ((disk: DiskState | Error) => void)[] = [];
  const silent: string[] = [];
  const checkDisk = () => {
    const { promise, resolve, reject } = Promise.withResolvers<DiskState>();
    open.push((disk) => (disk instanceof Error ? reject(disk) : resolve(disk)));
    return promise;
  };
  const doubts = createDiskDoubts({ checkDisk, silent: (nodeId) => void silent.push(nodeId) });
  const answer = async (disk: DiskState | Error): Promise<void> => {
    open.shift()!(disk);
    await Bun.sleep(0);
  };
  return { doubts, open, silent, answer };
}

test("the disk is asked after at once, and the doubt ends with an answer, whichever", async () => {
  for (const disk of ["same", "lost"] as const) {
    const { doubts, open, answer } = scene();
    expect(doubts.doubted("a")).toBe(false);
    doubts.connectionBroke("a");
    expect(doubts.doubted("a")).toBe(true);
    expect(doubts.doubted("b")).toBe(false);
    expect(open).toHaveLength(1);
    await answer(disk);
    expect(doubts.doubted("a")).toBe(false);
    expect(open).toHaveLength(0);
  }
});

test("many breaks share one question, and an answer from before the last of them is not enough", async () => {
  const { doubts, open, answer } = scene();
  doubts.connectionBroke("a");
  doubts.connectionBroke("a");
  expect(open).toHaveLength(1);
  await answer("same");
  expect(doubts.doubted("a")).toBe(true);
  await answer("same");
  expect(doubts.doubted("a")).toBe(false);
});

test("a node that does not answer is asked no further until somebody else asks: a probe, or the next break", async () => {
  const { doubts, open, silent, answer } = scene();
  for (const end of ["unknown", new TypeError("the store has failed")] as const) {
    doubts.connectionBroke("a");
    await answer(end);
    expect(open).toHaveLength(0);
    expect(doubts.doubted("a")).toBe(true);
  }
  expect(silent).toEqual(["a"]);
  const probe = doubts.check("a");
  await answer("same");
  expect(await probe).toBe("same");
  expect(doubts.doubted("a")).toBe(false);
  const other = doubts.check("b");
  await answer("unknown");
  expect(await other).toBe("unknown");
  expect(silent).toEqual(["a"]);
});
