/**
 * Settings changes that have been given to the nodes and are not decided yet, per index in the order of their tasks.
 * A change that fails must leave alone what a later one has set, and commits must happen in this order. In memory: the
 * flows put themselves back after a restart.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { mergeSettings } from "../../core/settings/merge-settings.ts";
import type { JsonObject } from "../../core/settings/json-shape.ts";
import type { Task } from "../../core/tasks/task.ts";

export interface OpenChanges {
  add(indexUid: string, taskUid: number, patch: JsonObject): void;
  /** It has failed and is being taken back: still under way, but no longer what the nodes should come to have. */
  takeBack(indexUid: string, taskUid: number): void;
  remove(indexUid: string, taskUid: number): void;
  /** True while a settings change of this index is under way: reads may see both sides of it. */
  changing(indexUid: string): boolean;
  /** True while a change of any index is under way. */
  any(): boolean;
  /** The changes of all indexes. */
  all(): readonly { readonly indexUid: string; readonly taskUid: number }[];
  /** How many changes of this index are under way. */
  count(indexUid: string): number;
  hasEarlier(indexUid: string, taskUid: number): boolean;
  hasLater(indexUid: string, taskUid: number): boolean;
  /** The settings that the other changes under way touch, also those that are being taken back. */
  touchedByOthers(indexUid: string, taskUid: number): ReadonlySet<string>;
  /** The client's view once all open changes have been applied, or all but one. */
  wanted(indexUid: string, without?: number): JsonObject;
  /** The changes of an index as the store has them: another router may have begun or ended some. */
  reload(indexUid: string, unfinished: readonly Task[]): void;
  /** At start, before any flow runs: the changes of the tasks that have not ended. */
  recover(unfinished: readonly Task[]): void;
}

export function createOpenChanges(entryOf: (indexUid: string) => IndexEntry | undefined): OpenChanges {
  const open = new Map<string, ReadonlyMap<number, OpenChange>>();
  const of = (indexUid: string): ReadonlyMap<number, OpenChange> => open.get(indexUid) ?? NONE;
  const set = (indexUid: string, taskUid: number, change: OpenChange): void => {
    const changes = new Map(of(indexUid)).set(taskUid, change);
    open.set(indexUid, new Map([...changes].toSorted(([left], [right]) => left - right)));
  };
  const add = (indexUid: string, taskUid: number, patch: JsonObject): void => {
    const isTakenBack = of(indexUid).get(taskUid)?.isTakenBack ?? false;
    set(indexUid, taskUid, { patch, isTakenBack });
  };
  const takeBack = (indexUid: string, taskUid: number): void => {
    const change = of(indexUid).get(taskUid);
    if (change !== undefined) set(indexUid, taskUid, { ...change, isTakenBack: true });
  };

  const recover = (unfinished: readonly Task[]): void => {
    for (const task of unfinished) {
      if (task.flow?.kind !== SETTINGS_FLOW) continue;
      const data = task.flow.data as { uid: string; patch: JsonObject };
      add(data.uid, task.uid, data.patch);
      if (task.flow.step === "undo") takeBack(data.uid, task.uid);
    }
  };

  return {
    reload: (indexUid, unfinished) => {
      open.delete(indexUid);
      recover(unfinished);
    },
    add,
    takeBack,
    remove: (indexUid, taskUid) => {
      const changes = new Map(of(indexUid));
      changes.delete(taskUid);
      if (changes.size === 0) open.delete(indexUid);
      else open.set(indexUid, changes);
    },
    changing: (indexUid) => of(indexUid).size > 0,
    any: () => open.size > 0,
    all: () =>
      [...open].flatMap(([indexUid, changes]) => [...changes.keys()].map((taskUid) => ({ indexUid, taskUid }))),
    count: (indexUid) => of(indexUid).size,
    hasEarlier: (indexUid, taskUid) => [...of(indexUid).keys()].some((one) => one < taskUid),
    hasLater: (indexUid, taskUid) => [...of(indexUid).keys()].some((one) => one > taskUid),
    touchedByOthers: (indexUid, taskUid) => {
      const others = [...of(indexUid)].filter(([other]) => other !== taskUid);
      return new Set(others.flatMap(([, { patch }]) => Object.keys(patch)));
    },
    wanted: (indexUid, without) => {
      let view: JsonObject = entryOf(indexUid)?.settings ?? {};
      for (const [taskUid, { patch, isTakenBack }] of of(indexUid)) {
        if (taskUid !== without && !isTakenBack) view = mergeSettings(view, patch);
      }
      return view;
    },
    recover,
  };
}

/** The kind of the flow that decides a settings change. */
export const SETTINGS_FLOW = "settings";

interface OpenChange {
  readonly patch: JsonObject;
  readonly isTakenBack: boolean;
}

const NONE: ReadonlyMap<number, OpenChange> = new Map();
