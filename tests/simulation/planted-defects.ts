/**
 * Defects that are planted on purpose, one per history, to see that the simulation finds them. They lie below the
 * services, so that the code under test is the code that ships.
 */
import type { HintStore, NewHint } from "../../src/store/hint-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { Dice } from "./dice.ts";
import type { Plant } from "./simulated-world.ts";

/** One write that was kept for a node is replaced by one that does nothing. */
export const dropOneHint: Plant = { store: (dice) => (store) => ({ ...store, hints: droppingOne(store, dice) }) };

/** One node carries out two waiting writes in the wrong order. */
export const swapTwoLaneEntries: Plant = {
  nodes: (nodes, dice) => {
    dice.pick(nodes).swapTasks = 1;
  },
};

/** One node says that it has deleted something and has not. */
export const skipOneDelete: Plant = {
  nodes: (nodes, dice) => {
    dice.pick(nodes).skipDeletes = 1;
  },
};

/** As `skipOneDelete`, and the router has forgotten that there was a deletion, so that a comparison takes the wrong side. */
export const skipTombstones: Plant = {
  ...skipOneDelete,
  store: () => (store) => ({
    ...store,
    tombstones: { ...store.tombstones, put: (one) => store.tombstones.put({ ...one, version: 0n }) },
  }),
};

/** What had expired when the deletion came to a node is deleted, whatever was written to it before the deletion's turn. */
export const sweepByKey: Plant = {
  nodes: (nodes) => {
    for (const node of nodes) node.sweepsByKey = true;
  },
};

function droppingOne({ hints }: Store, dice: Dice): HintStore {
  let left = dice.below(3);
  return {
    ...hints,
    append: (hint) => {
      const isWrite = hint.taskUid !== null;
      if (isWrite) left -= 1;
      return hints.append(isWrite && left === -1 ? harmless(hint) : hint);
    },
  };
}

function harmless(hint: NewHint): NewHint {
  const path = `/indexes/${hint.indexUid}/documents/nothing?customMetadata=${hint.operationId}`;
  return { ...hint, spoolRef: null, bytes: 0, request: { method: "DELETE", path, operation: "documents.delete" } };
}
