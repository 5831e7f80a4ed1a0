/** The operator takes the risk: writes to an index are taken again although its nodes may differ. */
import type { Emit } from "../../telemetry/event.ts";
import { settingsThawed } from "../../telemetry/events/settings.ts";
import type { Catalog } from "../catalog/catalog.ts";

/** False when there is no such index. */
export async function thaw(
  deps: { readonly catalog: Pick<Catalog, "update">; readonly emit: Emit },
  indexUid: string,
): Promise<boolean> {
  let wasFrozen = false;
  const after = await deps.catalog.update(indexUid, (entry) => {
    const { frozen, ...rest } = entry;
    wasFrozen = frozen !== undefined;
    return wasFrozen ? rest : entry;
  });
  if (wasFrozen) deps.emit(settingsThawed, { index: indexUid, by: "operator" });
  return after !== undefined;
}
