/** How the expired documents of one index are swept: what was said of it here, then in the configuration, then of all. */
import type { IndexEntry, SweepPolicy } from "../../core/catalog/index-entry.ts";
import type { Emit } from "../../telemetry/event.ts";
import { sweepPolicyChanged } from "../../telemetry/events/ttl.ts";
import type { Catalog } from "../catalog/catalog.ts";

export interface SweepNumbers {
  readonly intervalMs: number;
  readonly documentsMax: number;
}

/** `null`: as configured. */
export interface PolicyChange {
  readonly intervalS?: number | null;
  readonly documentsMax?: number | null;
}

export interface PolicyDeps {
  readonly catalog: Pick<Catalog, "update">;
  readonly emit: Emit;
}

export function sweepNumbers(configured: SweepNumbers, { sweeps = {} }: Pick<IndexEntry, "sweeps">): SweepNumbers {
  return {
    intervalMs: sweeps.intervalS === undefined ? configured.intervalMs : sweeps.intervalS * 1_000,
    documentsMax: sweeps.documentsMax ?? configured.documentsMax,
  };
}

/** undefined: there is no such index. What is not named stays as it is. */
export async function changePolicy(
  { catalog, emit }: PolicyDeps,
  indexUid: string,
  change: PolicyChange,
): Promise<IndexEntry | undefined> {
  const after = await catalog.update(indexUid, (entry) => {
    const { sweeps: before = {}, ...rest } = entry;
    const sweeps = changed(before, change);
    return Object.keys(sweeps).length === 0 ? rest : { ...rest, sweeps };
  });
  if (after !== undefined) emit(sweepPolicyChanged, { indexUid, ...after.sweeps });
  return after;
}

function changed(before: SweepPolicy, { intervalS, documentsMax }: PolicyChange): SweepPolicy {
  const interval = intervalS === undefined ? before.intervalS : (intervalS ?? undefined);
  const max = documentsMax === undefined ? before.documentsMax : (documentsMax ?? undefined);
  return {
    ...(interval === undefined ? {} : { intervalS: interval }),
    ...(max === undefined ? {} : { documentsMax: max }),
  };
}
