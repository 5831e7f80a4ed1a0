/** Which changes of settings are under way, and what the nodes should come to have by them. */
import { expect, test } from "bun:test";
import type { IndexEntry } from "../../../../src/core/catalog/index-entry.ts";
import type { Task } from "../../../../src/core/tasks/task.ts";
import { createOpenChanges, SETTINGS_FLOW } from "../../../../src/services/settings/open-changes.ts";

test("a change that is taken back is still under way, but no longer wanted", () => {
  const changes = createOpenChanges(() => undefined);
  changes.add("films", 4, { stopWords: ["the"] });
  changes.add("films", 7, { synonyms: { a: ["b"] } });
  changes.takeBack("films", 4);
  expect(changes.wanted("films")).toEqual({ synonyms: { a: ["b"] } });
  expect(changes.changing("films")).toBe(true);
  expect(changes.hasEarlier("films", 7)).toBe(true);
  expect([...changes.touchedByOthers("films", 7)]).toEqual(["stopWords"]);
  // Its flow puts itself back at every step.
  changes.add("films", 4, { stopWords: ["the"] });
  expect(changes.wanted("films")).toEqual({ synonyms: { a: ["b"] } });
  changes.remove("films", 4);
  expect(changes.count("films")).toBe(1);
});

test("a change that has been seen on all nodes is not looked at again, so what it touches has to be looked at for others", () => {
  const changes = createOpenChanges(() => undefined);
  changes.add("films", 4, { stopWords: ["the"] });
  changes.add("films", 7, { synonyms: {} });
  changes.decide("films", 4);
  expect([...changes.undecidedByOthers("films", 9)]).toEqual(["synonyms"]);
  expect([...changes.touchedByOthers("films", 9)]).toEqual(["stopWords", "synonyms"]);
  expect(changes.wanted("films")).toEqual({ stopWords: ["the"], synonyms: {} });
});

test("a change of an index that is gone is not wanted of another that has its name", () => {
  let entry: IndexEntry | undefined = { createdAt: 5, settings: {} } as IndexEntry;
  const changes = createOpenChanges(() => entry);
  changes.add("films", 4, { stopWords: ["the"] }, 5);
  expect(changes.wanted("films")).toEqual({ stopWords: ["the"] });
  entry = { ...entry, createdAt: 6 };
  expect(changes.wanted("films")).toEqual({});
  expect(changes.changing("films")).toBe(true);
});

test("after a restart a change is wanted unless its task was being taken back", () => {
  const changes = createOpenChanges(() => undefined);
  const taskOf = (uid: number, step: string, patch: object): Task => {
    const flow = { kind: SETTINGS_FLOW, step, data: { uid: "films", patch } };
    return { uid, flow } as unknown as Task;
  };
  changes.recover([
    taskOf(1, "apply", { stopWords: ["a"] }),
    taskOf(2, "undo", { stopWords: ["b"] }),
    taskOf(3, "commit", { synonyms: {} }),
  ]);
  expect(changes.wanted("films")).toEqual({ stopWords: ["a"], synonyms: {} });
  expect(changes.count("films")).toBe(3);
  expect([...changes.undecidedByOthers("films", 9)]).toEqual(["stopWords"]);
});
