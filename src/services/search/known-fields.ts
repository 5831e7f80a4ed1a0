/**
 * Which fields an index knows: those that some document on some node has ever had. A node forgets none, so what one has
 * said once is remembered; what nobody knows is asked again each time, since the next document may bring it.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { unequalFields, withoutUnequal } from "../../core/filters/unequal-conditions.ts";
import type { NodeOutcome } from "../../nodes/node-outcome.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { Fleet } from "../fleet/fleet.ts";

export interface KnownFields {
  /** Those of `fields` that a node which can be asked knows. */
  among(entry: IndexEntry, fields: readonly string[], signal?: AbortSignal): Promise<ReadonlySet<string>>;
}

export interface KnownFieldsDeps {
  readonly fleet: Pick<Fleet, "nodeIds" | "readable" | "client">;
  readonly timeoutMs: number;
}

export function createKnownFields({ fleet, timeoutMs }: KnownFieldsDeps): KnownFields {
  const remembered = new Set<string>();
  return {
    async among(entry, fields, signal) {
      const nameOf = (field: string): string => JSON.stringify([entry.uid, entry.createdAt, field]);
      const open = fields.filter((field) => !remembered.has(nameOf(field)));
      const known = new Set(fields.filter((field) => !open.includes(field)));
      if (open.length === 0) return known;
      const request = {
        method: "POST",
        path: `/indexes/${entry.uid}/fields`,
        body: JSON.stringify({ limit: FIELDS_MAX, filter: { attributePatterns: open } }),
        operation: "fields.known",
        timeoutMs,
        repeat: "safe",
      } as const;
      const nodeIds = fleet.nodeIds().filter((nodeId) => fleet.readable(nodeId));
      const outcomes = await scatter(
        nodeIds.map((nodeId) => ({ client: fleet.client(nodeId), request })),
        signal,
      );
      const names = new Set(outcomes.flatMap(namesIn));
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      for (const field of open) {
        if (!names.has(field)) continue;
        known.add(field);
        remembered.add(nameOf(field));
      }
      return known;
    },
  };
}

/** The filters so that nodes which have not seen a field answer as one engine would; nothing else changes. */
export async function exactFilters(
  known: KnownFields,
  entry: IndexEntry,
  filters: readonly unknown[],
  signal?: AbortSignal,
): Promise<readonly unknown[]> {
  const fields = unequalFields(filters);
  if (fields.length === 0) return filters;
  const seen = await known.among(entry, fields, signal);
  return filters.map((filter) => withoutUnequal(filter, seen));
}

function namesIn(outcome: NodeOutcome): readonly string[] {
  if (outcome.kind !== "answered") return [];
  try {
    const { results } = JSON.parse(outcome.text) as { readonly results?: readonly { readonly name: string }[] };
    return results?.map(({ name }) => name) ?? [];
  } catch {
    return [];
  }
}

/** More than an index can have. */
const FIELDS_MAX = 100_000;
/** Fields of all indexes together; then the router asks for each once more. */
const REMEMBERED_MAX = 50_000;
