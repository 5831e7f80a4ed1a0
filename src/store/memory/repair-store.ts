/** `RepairStore` in maps. */
import type { NodeMark, RepairPass, RepairStore, Suspect } from "../repair-store.ts";

export function memoryRepairStore(): RepairStore {
  const suspects = new Map<string, Suspect>();
  const marks = new Map<string, NodeMark>();
  const passes = new Map<string, RepairPass>();
  return {
    suspects: async () => [...suspects.values()].toSorted((a, b) => a.since - b.since),
    suspect: async (suspect) => void suspects.set(keyOf(suspect), { ...suspect }),
    clear: async (suspect) => {
      if (suspects.get(keyOf(suspect))?.since === suspect.since) suspects.delete(keyOf(suspect));
    },
    marks: async () => [...marks.values()].toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1)),
    mark: async (news) => {
      for (const one of news) marks.set(one.nodeId, { ...one });
    },
    passes: async () => new Map(passes),
    savePass: async (router, pass) => void passes.set(router, structuredClone(pass)),
    forgetPass: async (router) => void passes.delete(router),
  };
}

/** Index uids contain no line break. */
function keyOf({ nodeId, indexUid }: Suspect): string {
  return `${indexUid}\n${nodeId}`;
}
