/**
 * What a router does when another one has changed what it has in memory, or has had the turn on an index in between.
 * With a store of its own it never happens.
 */
import type { Versioned } from "../store/change-feed.ts";
import type { Store } from "../store/store.ts";
import type { TaskStore } from "../store/task-store.ts";
import { ApiError } from "../core/errors/api-error.ts";
import { buildTopology } from "../core/topology/build-topology.ts";
import { createLanes, type LanesDeps } from "../scatter/create-lanes.ts";
import { type EnqueueOutcome, type Lanes, overtaken } from "../scatter/lane.ts";
import type { SharedCatalog } from "../services/catalog/create-catalog.ts";
import type { NodeVersions } from "../services/catalog/node-versions.ts";
import type { Sequences } from "../services/documents/sequences.ts";
import type { WriteVersions } from "../services/documents/write-versions.ts";
import type { ManagedFleet } from "../services/fleet/create-fleet.ts";
import type { Hints } from "../services/hints/hints.ts";
import type { KeyFinder } from "../services/keys/find-key.ts";
import type { RuleBook } from "../services/search-rules/rule-book.ts";
import type { ChangeWatch } from "../services/routers/change-watch.ts";
import type { Turns } from "../services/routers/turns.ts";
import type { OpenChanges } from "../services/settings/open-changes.ts";
import type { Routers } from "./build-routers.ts";

export interface SharedParts {
  readonly store: Store;
  readonly catalog: Pick<SharedCatalog, "refresh">;
  readonly versions: Pick<NodeVersions, "reload">;
  readonly book: Pick<RuleBook, "reload">;
  readonly hints: Pick<Hints, "load">;
  readonly keys: Pick<KeyFinder, "forget">;
  readonly fleet: Pick<ManagedFleet, "adopt" | "topology">;
  readonly lanes: Pick<Lanes, "settled">;
  readonly sequences: Pick<Sequences, "unlearn">;
  readonly changes: Pick<OpenChanges, "reload">;
  readonly writeVersions: Pick<WriteVersions, "catchUp">;
}

export function followOthers(routers: Routers, parts: SharedParts): void {
  const { watch, membership } = routers;
  const { store, fleet, lanes } = parts;
  const refreshers: Record<Versioned, () => Promise<void>> = {
    catalog: async () => {
      await parts.catalog.refresh();
      await parts.versions.reload();
      await parts.book.reload();
    },
    hints: () => parts.hints.load(),
    keys: async () => parts.keys.forget(),
    topology: async () => {
      const stored = await store.topology.load();
      if (stored === undefined || stored.epoch === fleet.topology().epoch) return;
      fleet.adopt(buildTopology(stored));
      store.topology.follow(stored.epoch);
      // Whoever waits for this router to have seen the epoch relies on nothing being on its way under the former one.
      await lanes.settled();
      await membership.beat();
    },
  };
  for (const name of Object.keys(refreshers) as Versioned[]) {
    watch.on(name, async () => {
      // What a server has lost must not empty the memory from which searches go on.
      await store.check();
      await refreshers[name]();
    });
  }
  routers.onTurn(async (indexUid) => {
    parts.sequences.unlearn(indexUid);
    // A router that died did not hand its clock on.
    await parts.writeVersions.catchUp();
    const open = await store.tasks.list(
      { types: ["settingsUpdate"], statuses: ["enqueued", "processing"], indexUids: [indexUid] },
      { limit: OPEN_CHANGES_MAX },
    );
    parts.changes.reload(indexUid, open.tasks);
  });
}

/** A router that has not seen the current epoch may not write; it looks at it once and tries again. */
export function underCurrentEpoch(tasks: TaskStore, watch: Pick<ChangeWatch, "catchUp">): TaskStore {
  return {
    ...tasks,
    async insert(task) {
      try {
        return await tasks.insert(task);
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "miroir_topology_changed") throw error;
        await watch.catchUp();
        return tasks.insert(task);
      }
    },
  };
}

/**
 * The lanes, entered only while it is this router's turn on the index, whoever writes and for whatever reason. When the
 * turn is lost meanwhile, what has not been sent is not sent any more, and what was missed is not kept for later: both
 * would come after the writes of whoever has had the turn since.
 */
export function lanesInTurn(turns: Turns, deps: LanesDeps): Lanes {
  const lanes = createLanes(deps);
  return {
    ...lanes,
    submit(indexUid, entries) {
      const enter = async (): Promise<readonly EnqueueOutcome[]> => {
        const mayGo = turns.holding(indexUid);
        const outcomes = await lanes.submit(
          indexUid,
          entries.map((entry) => ({ ...entry, mayGo })),
        );
        return mayGo() ? outcomes : outcomes.map((one) => (one.kind === "missed" ? overtaken(one.nodeId) : one));
      };
      return turns.has(indexUid) ? enter() : turns.run([indexUid], enter);
    },
  };
}

/** More settings changes of one index are not under way at once. */
const OPEN_CHANGES_MAX = 10_000;
