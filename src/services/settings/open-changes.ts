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
  /** `createdAt`: of the index that it is a change of, which may be gone while another has its name. Absent: of any. */
  add(indexUid: string, taskUid: number, patch: JsonObject, createdAt?: number): void;
  /** All nodes have been seen to have it: what is left on one from now on its own look does not find any more. */
  decide(indexUid: string, taskUid: number): void;
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
  /** As `hasEarlier`, of changes that have still to be looked at on the nodes. */
  hasEarlierUndecided(indexUid: string, taskUid: number): boolean;
  hasLater(indexUid: string, taskUid: number): boolean;
  /** The settings that the other changes under way touch, also those that are being taken back. */
  touchedByOthers(indexUid: string, taskUid: number): ReadonlySet<string>;
  /** Those of them whose change has still to be looked at on the nodes. */
  undecidedByOthers(indexUid: string, taskUid: number): ReadonlySet<string>;
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
  const add = (indexUid: string, taskUid: number, patch: JsonObject, createdAt?: number): void => {
    const { isTakenBack, isDecided } = of(indexUid).get(taskUid) ?? { isTakenBack: false, isDecided: false };
    set(indexUid, taskUid, { patch, createdAt, isTakenBack, isDecided });
  };
  const mark = (indexUid: string, taskUid: number, what: Partial<OpenChange>): void => {
    const change = of(indexUid).get(taskUid);
    if (change !== undefined) set(indexUid, taskUid, { ...change, ...what });
  };
  const takeBack = (indexUid: string, taskUid: number): void => mark(indexUid, taskUid, { isTakenBack: true });
  const decide = (indexUid: string, taskUid: number): void => mark(indexUid, taskUid, { isDecided: true });
  const touched = (indexUid: string, but: number, counts: (change: OpenChange) => boolean): ReadonlySet<string> => {
    const others = [...of(indexUid)].filter(([other, change]) => other !== but && counts(change));
    return new Set(others.flatMap(([, { patch }]) => Object.keys(patch)));
  };

  const recover = (unfinished: readonly Task[]): void => {
    for (const task of unfinished) {
      if (task.flow?.kind !== SETTINGS_FLOW) continue;
      const data = task.flow.data as { uid: string; patch: JsonObject; createdAt?: number };
      add(data.uid, task.uid, data.patch, data.createdAt);
      if (task.flow.step === "undo") takeBack(data.uid, task.uid);
      if (task.flow.step === "commit") decide(data.uid, task.uid);
    }
  };

  return {
    reload: (indexUid, unfinished) => {
      open.delete(indexUid);
      recover(unfinished);
    },
    add,
    takeBack,
    decide,
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
    hasEarlierUndecided: (indexUid, taskUid) =>
      [...of(indexUid)].some(([one, { isDecided }]) => one < taskUid && !isDecided),
    hasLater: (indexUid, taskUid) => [...of(indexUid).keys()].some((one) => one > taskUid),
    touchedByOthers: (indexUid, taskUid) => touched(indexUid, taskUid, () => true),
    undecidedByOthers: (indexUid, taskUid) => touched(indexUid, taskUid, ({ isDecided }) => !isDecided),
    wanted: (indexUid, without) => {
      const entry = entryOf(indexUid);
      let view: JsonObject = entry?.settings ?? {};
      for (const [taskUid, { patch, createdAt, isTakenBack }] of of(indexUid)) {
        const isOfAnother = createdAt !== undefined && entry !== undefined && createdAt !== entry.createdAt;
        if (taskUid !== without && !isTakenBack && !isOfAnother) view = mergeSettings(view, patch);
      }
      return view;
    },
    recover,
  };
}

/** A wait of this length lets the change before this one be decided. */
export const EARLIER_CHANGE_DELAY_MS = 25;
/** The kind of the flow that decides a settings change. */
export const SETTINGS_FLOW = "settings";

interface OpenChange {
  readonly patch: JsonObject;
  readonly createdAt: number | undefined;
  readonly isTakenBack: boolean;
  readonly isDecided: boolean;
}

const NONE: ReadonlyMap<number, OpenChange> = new Map();
