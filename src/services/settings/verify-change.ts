/**
 * Reads the settings back from every node that took a change and says whether they are what was meant. A node that does
 * not answer is waited for; when it stays silent for too long the others are judged without it. What one shows that is still
 * to be brought earlier writes is not judged. Both have to be looked at before they serve again.
 */
import {
  describeDiagnosis,
  diagnoseSettings,
  type ExpectedSettings,
  formsOfTheirOwn,
} from "../../core/settings/diagnose-settings.ts";
import type { NodeForm } from "../../core/settings/node-form.ts";
import type { JsonObject } from "../../core/settings/json-shape.ts";
import type { SettingsHashes } from "../../core/settings/settings-hashes.ts";
import { judgeNode, type NodeSettings } from "../../core/settings/verify-settings.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Emit } from "../../telemetry/event.ts";
import { settingsNodeSilent } from "../../telemetry/events/settings.ts";
import type { MissedWrites } from "../broadcast/missed-writes.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { SettingsFlowData } from "./change-settings.ts";
import type { OpenChanges } from "./open-changes.ts";
import { readShown } from "./read-shown.ts";

export interface VerifyDeps {
  readonly catalog: Catalog;
  readonly changes: OpenChanges;
  readonly form: NodeForm;
  readonly missed: MissedWrites;
  readonly client: (nodeId: string) => NodeClient;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly emit: Emit;
  /** `settings_broadcast.verify_timeout_s`: the longest wait for a node that does not answer. */
  readonly verifyTimeoutMs: number;
  /** The node serves again only after it has been compared with the catalog. */
  readonly suspect: (nodeId: string) => void;
}

export type Verdict =
  | Agreed
  | {
      readonly kind: "mismatch";
      readonly mismatch: string;
      readonly wrong: readonly WrongNode[];
      /** What all nodes show that were looked at. */
      readonly answers: readonly NodeSettings[];
      /** What it comes to if nodes that have been told again keep settings in a form of their own; null: they differ. */
      readonly otherwise: Agreed | null;
    }
  | { readonly kind: "later"; readonly delayMs: number };

export interface Agreed {
  readonly kind: "agreed";
  /** null: a later change is among what the nodes show, and decides. */
  readonly hashes: SettingsHashes | null;
  readonly nodeIds: readonly string[];
  /** As in `IndexEntry`; absent: what is known of them stays. */
  readonly ownForms?: readonly string[];
  /** Settings of which only the nodes themselves say what they have made of them. */
  readonly unproven: readonly WrongNode[];
}

export interface WrongNode {
  readonly nodeId: string;
  /** As it shows them. */
  readonly settings: JsonObject;
  readonly keys: readonly string[];
}

/** `lookedMs`: for how long this has been looked at. */
export async function verifySettings(
  deps: VerifyDeps,
  task: Task,
  data: SettingsFlowData,
  lookedMs: number,
): Promise<Verdict> {
  const { uid } = data;
  const told = task.nodeTasks.filter((one) => one.role === "main" && one.status !== "hinted");
  const nodeIds = [...new Set(told.map((one) => one.nodeId))];
  // What a later change does to the nodes cannot be told apart; that change verifies for both.
  if (deps.changes.hasLater(uid, task.uid)) return LEFT_TO_LATER;
  const { answers, silent } = await readShown(deps, uid, nodeIds, deps.verifyTimeoutMs);
  // A change that came in while the nodes were asked may be among what they show.
  if (deps.changes.hasLater(uid, task.uid)) return LEFT_TO_LATER;
  if (answers.length === 0 || (silent.length > 0 && lookedMs < deps.verifyTimeoutMs)) {
    return { kind: "later", delayMs: SILENT_DELAY_MS };
  }
  const { settingsHashes: meant, ownForms } = deps.catalog.get(uid) ?? {};
  const touched = new Set([...Object.keys(data.patch), ...(data.doubted ?? [])]);
  const expected = { client: deps.changes.wanted(uid), form: deps.form, meant, touched, ownForms };
  const diagnosis = diagnoseSettings(answers, expected);
  const agreed: Agreed = {
    kind: "agreed",
    hashes: diagnosis.hashes,
    nodeIds: answers.map(({ nodeId }) => nodeId),
    unproven: unprovenOf(answers, expected),
  };
  if (diagnosis.wrong.size > 0) {
    const wrong = answers.flatMap(({ nodeId, settings }) => {
      const keys = diagnosis.wrong.get(nodeId);
      return keys === undefined ? [] : [{ nodeId, settings, keys }];
    });
    const forms = silent.length > 0 ? null : formsOfTheirOwn(answers, expected);
    const otherwise = forms === null ? null : { ...agreed, ownForms: forms };
    return { kind: "mismatch", mismatch: describeDiagnosis(diagnosis), wrong, answers, otherwise };
  }
  for (const nodeId of silent) deps.emit(settingsNodeSilent, { index: uid, nodeId });
  return agreed;
}

function unprovenOf(answers: readonly NodeSettings[], expected: ExpectedSettings): readonly WrongNode[] {
  return answers.flatMap(({ nodeId, settings }) => {
    const { right } = judgeNode(settings, expected);
    const keys = [...expected.touched].filter((key) => !right.has(key));
    return keys.length === 0 ? [] : [{ nodeId, settings, keys }];
  });
}

/** When a change was first looked at after what it was told last, by task; a router that is started again begins anew. */
export type Looks = Map<number, { readonly told: string; readonly atMs: number }>;

/**
 * For how long, in milliseconds, a change has been looked at since it was told `told`; to be asked before every look. By a
 * clock of this router's that does not jump: the nodes' may be hours off.
 */
export function lookedFor(deps: Pick<VerifyDeps, "clock">, task: Task, told: string, looks: Looks): number {
  const nowMs = deps.clock.monotonicMs();
  const known = looks.get(task.uid);
  const first = known?.told === told ? known : { told, atMs: nowMs };
  looks.set(task.uid, first);
  return nowMs - first.atMs;
}

/**
 * Nodes that are looked at so long after they have done it that somebody may have edited them all alike, or the only one that
 * can be looked at.
 */
export function lateNodes(
  deps: Pick<VerifyDeps, "clock">,
  task: Task,
  lookedMs: number,
): (node: Pick<WrongNode, "nodeId">) => boolean {
  const isLate = lookedMs > LATE_MS;
  return ({ nodeId }) => isLate || sinceEnded(deps, task, nodeId) > LATE_BY_THEIR_CLOCKS_MS;
}

/** Milliseconds since the node has ended its part. */
function sinceEnded({ clock }: Pick<VerifyDeps, "clock">, task: Task, nodeId: string): number {
  const parts = task.nodeTasks.filter((one) => one.nodeId === nodeId);
  return clock.nowMs() - Math.max(task.enqueuedAt, ...parts.map((one) => one.finishedAt ?? 0));
}

const LEFT_TO_LATER: Agreed = { kind: "agreed", hashes: null, nodeIds: [], unproven: [] };
export const SILENT_DELAY_MS = 250;
const LATE_MS = 500;
/** Nodes' clocks may be off, at the price of one more order; a router that was started again has nothing better. */
const LATE_BY_THEIR_CLOCKS_MS = 1_000;
