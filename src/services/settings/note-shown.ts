/**
 * Notes what all nodes show of an index before its first change, so that a node on which something of a change is left can
 * be found and put right, whoever looks at it and whenever. Where nodes differ or do not say it is noted later.
 */
import { diagnoseSettings } from "../../core/settings/diagnose-settings.ts";
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { NodeForm } from "../../core/settings/node-form.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { OpenChanges } from "./open-changes.ts";
import { readShown, type ShownDeps } from "./read-shown.ts";

export interface NoteShownDeps extends ShownDeps {
  readonly catalog: Pick<Catalog, "update">;
  readonly changes: Pick<OpenChanges, "changing">;
  readonly fleet: Pick<Fleet, "nodeIds">;
  readonly form: NodeForm;
  readonly timeoutMs: number;
}

export async function noteShown(deps: NoteShownDeps, entry: IndexEntry): Promise<void> {
  const { uid, state, createdAt, settings, settingsVersion, settingsHashes, ownForms } = entry;
  if (settingsHashes !== undefined || state !== "ready" || deps.changes.changing(uid)) return;
  const { answers, silent, behind } = await readShown(deps, uid, deps.fleet.nodeIds(), deps.timeoutMs);
  if (silent.length + behind.length > 0 || deps.changes.changing(uid)) return;
  const known = { client: settings, form: deps.form, meant: undefined, touched: new Set<string>(), ownForms };
  const { wrong, hashes } = diagnoseSettings(answers, known);
  if (wrong.size > 0) return;
  await deps.catalog.update(uid, (now) => {
    const isSame = now.createdAt === createdAt && now.settingsVersion === settingsVersion;
    return isSame ? { ...now, settingsHashes: hashes } : now;
  });
}
