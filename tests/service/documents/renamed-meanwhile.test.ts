/** A write that waits while its index changes its name is one to the index that has the name then. */
import { expect, test } from "bun:test";
import { addDocuments } from "../../../src/services/documents/add-documents.ts";
import { deleteAllDocuments, deleteByFilter, deleteByIds } from "../../../src/services/documents/delete-documents.ts";
import { ownTurns } from "../../../src/services/routers/turns.ts";
import { addInput, createRig, indexEntry, type Rig } from "./write-rig.ts";

const INPUT = { indexUid: "movies", customMetadata: null };
const BEFORE = 1;
const AFTER = 2;

/** Another index comes to the name when the first turn on it is waited for. */
function renamingRig(): Rig {
  const rig = createRig();
  rig.indexes.set("movies", { ...indexEntry("movies", "id"), createdAt: BEFORE });
  const run: Rig["deps"]["turns"]["run"] = (_scopes, work) => {
    rig.indexes.set("movies", { ...indexEntry("movies", "key"), createdAt: AFTER });
    return work();
  };
  return { ...rig, deps: { ...rig.deps, turns: { ...ownTurns, run } } };
}

const remembered = async (rig: Rig, born: number): Promise<number> =>
  (await rig.tombstones.ofIndex(born, { after: "", limit: 10 })).length;

for (const [what, remove] of [
  ["of some keys", (rig: Rig) => deleteByIds(rig.deps, { ...INPUT, ids: ["1"] })],
  ["of everything", (rig: Rig) => deleteAllDocuments(rig.deps, INPUT)],
  ["by a filter", (rig: Rig) => deleteByFilter(rig.deps, { ...INPUT, filter: "a = 1", body: '{"filter":"a = 1"}' })],
] as const) {
  test(`a deletion ${what} is remembered of that index, and nothing of the one before is taken for deleted`, async () => {
    const rig = renamingRig();
    await remove(rig);
    expect([await remembered(rig, BEFORE), await remembered(rig, AFTER)]).toEqual([0, 1]);
  });
}

test("documents are read by the key of that index", async () => {
  const rig = renamingRig();
  await addDocuments(rig.deps, addInput('[{"id":1,"key":"k"}]'));
  const paths = [...rig.nodes.values()].flatMap(({ writes }) => writes.map(({ path }) => path));
  expect(paths.map((path) => new URL(path, "http://node").searchParams.get("primaryKey"))).toEqual(["key"]);
});
