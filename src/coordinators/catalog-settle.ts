/** Stores what a failing store has not taken of the catalog, as soon as it works; does nothing while nothing is owed. */
import type { Catalog } from "../services/catalog/catalog.ts";
import type { Coordinator } from "./coordinator.ts";

export function catalogSettle(catalog: Pick<Catalog, "settle">): Coordinator {
  return { name: "catalog-settle", intervalMs: INTERVAL_MS, tick: () => catalog.settle() };
}

const INTERVAL_MS = 1_000;
