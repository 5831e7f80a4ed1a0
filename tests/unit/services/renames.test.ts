/** A change of names and everything else that is written to these names keep out of each other's way. */
import { expect, test } from "bun:test";
import { createRenames, type Renames } from "../../../src/services/routers/renames.ts";
import { ownTurns } from "../../../src/services/routers/turns.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

interface Rig {
  readonly renames: Renames;
  readonly clock: FakeClock;
  readonly log: string[];
  readonly over: Set<number>;
  quiet: boolean;
  unsure: boolean;
}

function createRig(): Rig {
  const clock = createFakeClock();
  const log: string[] = [];
  const over = new Set<number>();
  const rig: Rig = {
    clock,
    log,
    over,
    quiet: true,
    unsure: false,
    renames: createRenames({
      turns: ownTurns,
      clock,
      quiet: async () => rig.quiet,
      unsure: () => rig.unsure,
      isOver: async (taskUid) => over.has(taskUid),
      changed: (name) => void log.push(`changed ${name}`),
    }),
  };
  return rig;
}

/** Lets everything that waits for nothing but promises happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

test("a write waits from the beginning of a change until its task has ended, writes to other names do not", async () => {
  const { renames, log } = createRig();
  await renames.change(["films", "shows"], async (change) => {
    change.as(7);
    // What the change itself does within does not wait for it.
    await renames.turns.run(["films"], async () => void log.push("told"));
  });
  const waiting = renames.turns.run(["shows"], async () => void log.push("written"));
  await renames.turns.run(["books"], async () => void log.push("another"));
  await settle();
  expect(log).toEqual(["told", "another"]);
  renames.end(7);
  await waiting;
  expect(log).toEqual(["told", "another", "changed films", "changed shows", "written"]);
});

test("a change waits for writes that have begun, and for what has still to be decided", async () => {
  const rig = createRig();
  const { renames, log, clock } = rig;
  const writing = Promise.withResolvers<void>();
  const write = renames.turns.run(["films"], async () => {
    await writing.promise;
    await renames.turns.run(["films"], async () => void log.push("written"));
  });
  rig.quiet = false;
  const change = renames.change(["films", "shows"], async () => void log.push("changed its name"));
  await settle();
  expect(log).toEqual([]);
  writing.resolve();
  await write;
  await settle();
  expect(log).toEqual(["written"]);
  rig.quiet = true;
  await clock.advance(200);
  await change;
  expect(log.slice(0, 2)).toEqual(["written", "changed its name"]);
});

test("a change that has become no task is over when it returns, and when it fails", async () => {
  const { renames } = createRig();
  await renames.change(["films"], async () => undefined);
  const failed = renames.change(["films"], () => Promise.reject(new Error("refused")));
  expect(await rejectionOf(failed)).toMatchObject({ message: "refused" });
  expect(await renames.turns.run(["films"], async () => "written")).toBe("written");
});

test("a change that fails, and that the store may have kept all the same, is waited for until that is known", async () => {
  const rig = createRig();
  const { renames, clock, log } = rig;
  const failed = renames.change(["films", "shows"], () => {
    rig.unsure = true;
    return Promise.reject(new Error("not kept"));
  });
  expect(await rejectionOf(failed)).toMatchObject({ message: "not kept" });
  const write = renames.turns.run(["shows"], async () => void log.push("written"));
  await renames.turns.run(["books"], async () => void log.push("another"));
  await clock.advance(1_000);
  expect(log).toEqual(["another"]);
  rig.unsure = false;
  await clock.advance(200);
  await write;
  expect(await renames.change(["films"], async () => "changed")).toBe("changed");
});

test("what waits too long is refused, and one change at a time has a name", async () => {
  const { renames, clock } = createRig();
  renames.resume(3, ["films", "shows"]);
  renames.resume(3, ["films", "shows"]);
  const write = renames.turns.run(["films"], async () => "written").catch((error: unknown) => error);
  const change = renames.change(["shows"], async () => "changed").catch((error: unknown) => error);
  for (let waited = 0; waited < 110; waited += 1) await clock.advance(100);
  expect(await write).toMatchObject({ status: 503, code: "miroir_overloaded" });
  expect(await change).toMatchObject({ status: 503, code: "miroir_overloaded" });
  renames.end(3);
  expect(await renames.change(["shows"], async () => "changed")).toBe("changed");
});

test("a change that another router has ended is found to be over", async () => {
  const { renames, clock, over } = createRig();
  renames.resume(3, ["films"]);
  const write = renames.turns.run(["films"], async () => "written");
  await settle();
  over.add(3);
  await clock.advance(200);
  expect(await write).toBe("written");
});
