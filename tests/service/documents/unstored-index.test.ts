/** An index that stays, although its deletion is all that the store knows, takes nothing that would go with it. */
import { expect, test } from "bun:test";
import { addDocuments } from "../../../src/services/documents/add-documents.ts";
import { deleteByIds } from "../../../src/services/documents/delete-documents.ts";
import { type ChangeSettingsDeps, changeSettings } from "../../../src/services/settings/change-settings.ts";
import { ownTurns } from "../../../src/services/routers/turns.ts";
import { refusalOf } from "../../support/rejection-of.ts";
import { addInput, createRig } from "./write-rig.ts";

const REFUSED = { status: 503, body: { code: "miroir_store_unavailable" } };

test("a write is refused until the store knows that its index stays, and leaves nothing behind", async () => {
  const rig = createRig();
  const owed = new Set(["movies"]);
  const deps = { ...rig.deps, catalog: { ...rig.deps.catalog, owes: (uid: string) => owed.has(uid) } };
  const deletion = { indexUid: "movies", customMetadata: null, ids: ["1"] };
  expect(await refusalOf(addDocuments(deps, addInput('[{"id":1}]')))).toMatchObject(REFUSED);
  expect(await refusalOf(deleteByIds(deps, deletion))).toMatchObject(REFUSED);
  expect(rig.tasks.size).toBe(0);
  expect([...rig.nodes.values()].flatMap(({ writes }) => writes)).toEqual([]);
  owed.clear();
  await addDocuments(deps, addInput('[{"id":1}]'));
  expect(rig.tasks.size).toBe(1);
});

test("a change of its settings is refused as well, before anything is asked of anybody", async () => {
  const catalog = { owes: () => true };
  const deps = { turns: ownTurns, catalog, form: { expiry: false } } as unknown as ChangeSettingsDeps;
  const change = changeSettings(deps, { uid: "movies", patch: { stopWords: ["a"] }, single: null, mayCreate: true });
  expect(await refusalOf(change)).toMatchObject(REFUSED);
});
