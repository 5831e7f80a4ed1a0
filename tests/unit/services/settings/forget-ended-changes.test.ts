/** What another router's settings change leaves in memory goes when the change has ended, and nothing else does. */
import { expect, test } from "bun:test";
import { forgetEndedChanges } from "../../../../src/services/settings/forget-ended-changes.ts";
import { createOpenChanges } from "../../../../src/services/settings/open-changes.ts";
import { openMemoryStore } from "../../../../src/store/memory/open.ts";
import { newTask } from "../../../contract/store/new-task.ts";

test("changes that have ended are forgotten, and those that go on or begin meanwhile stay", async () => {
  const { tasks } = openMemoryStore();
  const insert = () =>
    tasks.insert(newTask({ type: "settingsUpdate", flow: { kind: "settings", step: "apply", data: {} } }));
  const changes = createOpenChanges(() => undefined);
  const [ended, going, failed] = [await insert(), await insert(), await insert()];
  for (const { uid } of [ended, going, failed]) changes.add("films", uid, { stopWords: ["z"] });
  changes.add("books", ended.uid, {});
  await tasks.update(ended.uid, { status: "succeeded" });
  await tasks.update(failed.uid, { status: "failed" });
  let begun = 0;
  const list: typeof tasks.list = async (filter, page) => {
    const found = await tasks.list(filter, page);
    begun = (await insert()).uid;
    changes.add("films", begun, {});
    return found;
  };
  await forgetEndedChanges({ changes, taskStore: { list } });
  expect(changes.all()).toEqual([
    { indexUid: "films", taskUid: going.uid },
    { indexUid: "films", taskUid: begun },
  ]);
  expect(changes.changing("books")).toBe(false);
});

test("the store is not asked while no change is known", async () => {
  const list = () => Promise.reject(new TypeError("asked"));
  await forgetEndedChanges({ changes: createOpenChanges(() => undefined), taskStore: { list } });
});
