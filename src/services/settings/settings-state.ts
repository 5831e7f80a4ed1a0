/**
 * Which version of an index's settings a node answers with, as far as the router knows: the version it has been proven
 * to have, and how many of the changes under way it has carried out. Reads prefer nodes that answer with the same.
 */
import type { Task } from "../../core/tasks/task.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { DOUBTED, type NodeVersions } from "../catalog/node-versions.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { RunningTaskRegistry } from "../tasks/create-task-registry.ts";
import { type OpenChanges, SETTINGS_FLOW } from "./open-changes.ts";

export interface SettingsStateDeps {
  readonly catalog: Pick<Catalog, "get">;
  readonly versions: Pick<NodeVersions, "get">;
  readonly changes: Pick<OpenChanges, "changing" | "count">;
  readonly fleet: Pick<Fleet, "nodeIds">;
  readonly tasks: Pick<RunningTaskRegistry, "openTasks">;
}

export interface NodeSettingsState {
  /** Proven version plus the changes that it has carried out since. */
  readonly version: number;
  /** It is working on a change, so that its answers may be of either side. */
  readonly moving: boolean;
}

export interface SettingsState {
  /** All nodes have been proven to have the newest version and no change is under way. Cheap. */
  uniform(indexUid: string): boolean;
  of(indexUid: string): (nodeId: string) => NodeSettingsState;
  /** The newest version that the node has been proven to have; below 0: none. */
  proven(indexUid: string, nodeId: string): number;
  /** Headers of every answer that depends on the settings of these indexes. */
  headers(indexUids: readonly string[]): Readonly<Record<string, string>>;
}

export function createSettingsState(deps: SettingsStateDeps): SettingsState {
  const proven = (indexUid: string, nodeId: string): number => deps.versions.get(indexUid, nodeId) ?? DOUBTED;

  const uniform = (indexUid: string): boolean => {
    if (deps.changes.changing(indexUid)) return false;
    const [first, ...others] = deps.fleet.nodeIds();
    if (first === undefined) return true;
    const version = proven(indexUid, first);
    return others.every((nodeId) => proven(indexUid, nodeId) === version);
  };

  const headers = (indexUids: readonly string[]): Record<string, string> => {
    const versions = new Map<string, number>();
    const pending = new Map<string, number>();
    for (const indexUid of indexUids) {
      const version = deps.catalog.get(indexUid)?.settingsVersion;
      if (version === undefined) continue;
      versions.set(indexUid, version);
      const changes = deps.changes.count(indexUid);
      if (changes > 0) pending.set(indexUid, version + changes);
    }
    return {
      ...versionHeader("X-Miroir-Settings-Version", versions, indexUids.length),
      ...versionHeader("X-Miroir-Settings-Pending", pending, indexUids.length),
      ...(indexUids.every(uniform) ? {} : { "X-Miroir-Settings-Inconsistent": "true" }),
    };
  };

  return {
    uniform,
    proven,
    headers,
    of: (indexUid) => {
      const open = deps.changes.changing(indexUid)
        ? deps.tasks.openTasks().filter((task) => task.flow?.kind === SETTINGS_FLOW && task.indexUid === indexUid)
        : [];
      return (nodeId) => {
        const mine = open.flatMap((task) => partOf(task, nodeId));
        return {
          version: proven(indexUid, nodeId) + mine.filter((part) => part === "done").length,
          moving: mine.includes("moving"),
        };
      };
    },
  };
}

/** Of one index its version alone, of several `films=3, books=5`; none rather than one that is longer than clients take. */
function versionHeader(
  name: string,
  versions: ReadonlyMap<string, number>,
  indexes: number,
): Readonly<Record<string, string>> {
  const parts = [...versions].map(([indexUid, version]) => (indexes === 1 ? `${version}` : `${indexUid}=${version}`));
  const value = parts.join(", ");
  return value === "" || value.length > HEADER_CHARS_MAX ? {} : { [name]: value };
}

const HEADER_CHARS_MAX = 4_096;

/** `moving` also while it is repaired or put back; empty: it has no part in the change yet. */
function partOf(task: Task, nodeId: string): readonly ("done" | "moving")[] {
  const parts = task.nodeTasks.filter((one) => one.nodeId === nodeId && one.status !== "hinted");
  if (parts.length === 0) return [];
  const isSettled = task.flow?.step !== "undo" && parts.every(({ status }) => status === "succeeded");
  return [isSettled ? "done" : "moving"];
}
