/**
 * One at a time per index: the moments in which an index comes into being or goes away. Nothing else waits here; an
 * index that exists has the order of its lanes.
 */
import { createInTurn, type InTurn } from "../../platform/in-turn.ts";

export type IndexGate = InTurn<string>;

export function createIndexGate(): IndexGate {
  return createInTurn<string>();
}
