/** Takes every write that is kept for a node out of the store and the spool. May break off and be called again. */
import type { HintSpool } from "../../store/hint-spool.ts";
import type { HintStore } from "../../store/hint-store.ts";
import { isNote } from "./read-debts.ts";

export interface KeptWrites {
  readonly hints: Pick<HintStore, "oldest" | "remove">;
  readonly spool: Pick<HintSpool, "remove">;
}

export async function dropKept({ hints, spool }: KeptWrites, nodeId: string): Promise<void> {
  for (;;) {
    const page = (await hints.oldest(nodeId, PAGE)).filter((one) => !isNote(one));
    if (page.length === 0) return;
    for (const hint of page) {
      await hints.remove(hint.id);
      if (hint.spoolRef !== null) await spool.remove(hint.spoolRef);
    }
  }
}

const PAGE = 100;
