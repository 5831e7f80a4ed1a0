/** What a change of names waits for, and what waits for one that was under way when the router started. */
import { expect, test } from "bun:test";
import type { Task } from "../../../src/core/tasks/task.ts";
import { buildRenames, readUnderWay } from "../../../src/server/build-renames.ts";
import { ownTurns } from "../../../src/services/routers/turns.ts";
import { createOpenChanges, SETTINGS_FLOW } from "../../../src/services/settings/open-changes.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { restartableStore } from "../../support/restartable-store.ts";

const task = (uid: number, more: object): Task =>
  ({
    uid,
    type: "settingsUpdate",
    indexUid: "films",
    status: "processing",
    details: null,
    flow: null,
    ...more,
  }) as Task;
const SETTINGS = task(1, { flow: { kind: SETTINGS_FLOW, step: "apply", data: { uid: "films", patch: {} } } });
const SWAP = task(2, {
  type: "indexSwap",
  indexUid: null,
  details: { swaps: [{ indexes: ["films", "shows"], rename: false }] },
  flow: { kind: "swap-indexes", step: "apply", data: {} },
});
const RENAME = task(3, {
  type: "indexUpdate",
  indexUid: "shows",
  details: { primaryKey: null, oldIndexUid: "shows", newIndexUid: "films" },
  flow: { kind: "update-index", step: "apply", data: {} },
});

function createRig(open: Task[], unsure: readonly Task[] = []) {
  const clock = createFakeClock();
  const store = restartableStore();
  const log: string[] = [];
  const built = buildRenames({
    routers: { turns: ownTurns, onTurn: () => undefined },
    store,
    tasks: {
      openTasks: () => open,
      unsure: () => unsure,
      get: async (uid) => open.find((one) => one.uid === uid),
    },
    clock,
    sequences: () => ({ unlearn: (uid) => void log.push(`unlearned ${uid}`) }),
  });
  return { ...built, store, clock, log };
}

for (const [what, other] of [
  ["a change of settings", SETTINGS],
  ["another exchange, decided and not yet noted as ended", SWAP],
  ["a renaming to one of the names", RENAME],
] as const) {
  test(`a change of names waits for ${what}`, async () => {
    const open = [other];
    const { renames, clock, log } = createRig(open);
    const changing = renames.change(["films"], async () => void log.push("changed"));
    await clock.advance(1_000);
    expect(log).toEqual([]);
    open.pop();
    await clock.advance(1_000);
    await changing;
    expect(log).toEqual(["changed", "unlearned films"]);
  });
}

for (const [what, other] of [
  ["a change of settings", SETTINGS],
  ["another change of names", RENAME],
] as const) {
  test(`a change of names waits for ${what} that the store may have kept although it says no`, async () => {
    const unsure: Task[] = [other];
    const { renames, clock, log } = createRig([], unsure);
    const changing = renames.change(["films"], async () => void log.push("changed"));
    await clock.advance(1_000);
    expect(log).toEqual([]);
    unsure.pop();
    await clock.advance(1_000);
    await changing;
    expect(log).toEqual(["changed", "unlearned films"]);
  });
}

test("it does not wait for documents that nodes work on, nor for one that is decided, nor for what is under way on other indexes", async () => {
  const documents = task(4, { type: "documentAdditionOrUpdate" });
  const edit = task(5, { type: "documentEdition", flow: { kind: "edit-documents", step: "apply", data: {} } });
  // Decided: it is left to nodes that do not serve.
  const settling = task(6, { ...RENAME, uid: 6, flow: { kind: "update-index", step: "settling", data: {} } });
  const { renames } = createRig([documents, edit, settling, { ...SETTINGS, indexUid: "books" }]);
  expect(await renames.change(["films", "shows"], async () => "changed")).toBe("changed");
});

test("what was under way at the start is waited for by writes until it has ended", async () => {
  const open = [SWAP];
  const { renames, turns, clock, store, log } = createRig(open);
  const changes = createOpenChanges(() => undefined);
  const tasks = { ...store.tasks, unfinished: async () => [SETTINGS, SWAP] };
  await readUnderWay({ store: { tasks, changes: store.changes }, changes, renames });
  expect(changes.changing("films")).toBe(true);
  const writing = turns.run(["shows"], async () => void log.push("written"));
  await clock.advance(1_000);
  expect(log).toEqual([]);
  renames.end(SWAP.uid);
  await writing;
  expect(log).toEqual(["unlearned films", "unlearned shows", "written"]);
});
