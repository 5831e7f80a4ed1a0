/**
 * Looks whether a change that failed has left something behind: on a node that did not take it back, on one that was set
 * up anew with what was under way, on one that got it twice. What a node shows decides, not what it was told.
 */
import { diagnoseSettings } from "../../core/settings/diagnose-settings.ts";
import type { Task } from "../../core/tasks/task.ts";
import { lostNodes } from "../broadcast/advance-broadcast.ts";
import { type QueueDeps, withQueued } from "../fleet/queued-tasks.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { SettingsFlowData } from "./change-settings.ts";
import { readShown } from "./read-shown.ts";
import { SILENT_DELAY_MS, type VerifyDeps, type WrongNode } from "./verify-change.ts";

export interface VerifyUndoneDeps extends VerifyDeps, QueueDeps {
  readonly fleet: Pick<Fleet, "nodeIds" | "healthy">;
}

export type UndoneVerdict =
  | { readonly kind: "later"; readonly delayMs: number }
  | {
      readonly kind: "looked";
      readonly wrong: readonly WrongNode[];
      /** They do not say, or have still to be brought earlier writes, or to carry them out. */
      readonly unseen: readonly string[];
      /** They are away, and are compared with the catalog when they are back. */
      readonly away: readonly string[];
    };

/** `lookedMs`: for how long this has been looked at. */
export async function verifyUndone(
  deps: VerifyUndoneDeps,
  task: Task,
  { uid: indexUid, patch, created }: SettingsFlowData,
  lookedMs: number,
): Promise<UndoneVerdict> {
  const { changes } = deps;
  const mayWait = lookedMs < deps.verifyTimeoutMs;
  const undecided = changes.undecidedByOthers(indexUid, task.uid);
  const away = deps.fleet.nodeIds().filter((nodeId) => !deps.fleet.healthy(nodeId));
  const nodeIds = deps.fleet.nodeIds().filter((nodeId) => !away.includes(nodeId));
  // A request whose answer was lost may have come behind the one that takes it back: what is in a queue is not shown yet.
  const lost = lostNodes(task).filter((nodeId) => nodeIds.includes(nodeId));
  const queued = await withQueued(deps, lost, { types: ["settingsUpdate"], indexUid });
  if (queued.length > 0 && mayWait) return { kind: "later", delayMs: SILENT_DELAY_MS };
  const { answers, silent, missing, behind } = await readShown(deps, indexUid, nodeIds, deps.verifyTimeoutMs);
  // What another change does to a setting cannot be told apart; the last of them, which waits for the others, looks at it.
  const others = undecided.union(changes.undecidedByOthers(indexUid, task.uid));
  // One that does not have the index has nothing of the change, and may get it only when this has ended.
  if (silent.length > missing.length && mayWait) return { kind: "later", delayMs: SILENT_DELAY_MS };
  const diagnosis = diagnoseSettings(answers, {
    client: changes.wanted(indexUid, task.uid),
    form: deps.form,
    meant: deps.catalog.get(indexUid)?.settingsHashes,
    ownForms: deps.catalog.get(indexUid)?.ownForms,
    // What all nodes showed before another change was decided is not what they are to show now.
    touched: changes.touchedByOthers(indexUid, task.uid),
  });
  const wrong = answers.flatMap(({ nodeId, settings }) => {
    // What else a node has that it should not is left to the check of settings.
    const keys = (diagnosis.wrong.get(nodeId) ?? []).filter((key) => (created || key in patch) && !others.has(key));
    return keys.length === 0 ? [] : [{ nodeId, settings, keys }];
  });
  return { kind: "looked", wrong, unseen: [...new Set([...silent, ...behind, ...queued])], away };
}
