/**
 * The comparison of replicas on demand: one at a time, at full speed, in the background; whoever asked for it looks at
 * how far it has come. What it has found is kept in memory until the next one.
 */
import type { ErrorBody } from "../../core/errors/api-error.ts";
import { apiError, ApiError } from "../../core/errors/api-error.ts";
import { compareAll, type CompareAllDeps } from "./compare-all.ts";
import type { ShardReport } from "./compare-shard.ts";

export interface IndexVerification {
  readonly index: string;
  readonly shards: number;
  /** Shards by what was found of them; see `ShardReport`. */
  readonly equal: number;
  readonly different: number;
  readonly open: number;
  readonly absent: number;
  readonly single: number;
  readonly documents: number;
  readonly differing: number;
  readonly repaired: number;
  /** Nodes that could not be compared. */
  readonly missing_nodes: readonly string[];
}

export interface VerificationState {
  readonly id: number;
  readonly state: "running" | "finished" | "stopped";
  readonly repair: boolean;
  readonly index: string | null;
  readonly shards_done: number;
  readonly shards_total: number;
  readonly indexes: readonly IndexVerification[];
  readonly error: ErrorBody | null;
}

export interface Verification {
  /** Throws 503 while one is running. */
  start(request: { readonly indexUid: string | null; readonly repair: boolean }): VerificationState;
  /** The one that runs, or the last; null: there was none. */
  current(): VerificationState | null;
  /** Ends what runs; resolves when it has ended. */
  close(): Promise<void>;
}

export function createVerification(deps: CompareAllDeps): Verification {
  const stopping = new AbortController();
  let current: VerificationState | null = null;
  let running: Promise<void> | null = null;
  let id = 0;

  const run = async (indexUid: string | null, repair: boolean): Promise<void> => {
    const found = new Map<string, IndexVerification>();
    const note = (change: Partial<VerificationState>): void => {
      if (current !== null) current = { ...current, ...change, indexes: [...found.values()] };
    };
    try {
      await compareAll(
        deps,
        {
          indexUid,
          from: null,
          repair,
          holds: repair,
          pace: () => Promise.resolve(),
          found: async (report) => {
            found.set(report.indexUid, added(found.get(report.indexUid) ?? none(report.indexUid), report));
            note({ shards_done: (current?.shards_done ?? 0) + 1 });
            return true;
          },
        },
        stopping.signal,
      );
      note({ state: stopping.signal.aborted ? "stopped" : "finished" });
    } catch (error) {
      const { body } = error instanceof ApiError ? error : apiError("internal", "The comparison failed.");
      note({ state: "stopped", error: body });
    }
  };

  return {
    start({ indexUid, repair }) {
      if (running !== null) {
        throw apiError("miroir_overloaded", "Replicas are being compared already; ask how far that has come.");
      }
      id += 1;
      const entries = deps.indexes().filter(({ uid, state }) => state === "ready" && (indexUid ?? uid) === uid);
      if (indexUid !== null && entries.length === 0) {
        throw apiError("index_not_found", `Index \`${indexUid}\` not found.`);
      }
      current = {
        id,
        state: "running",
        repair,
        index: indexUid,
        shards_done: 0,
        shards_total: entries.reduce((sum, { shards }) => sum + shards, 0),
        indexes: [],
        error: null,
      };
      running = run(indexUid, repair).finally(() => {
        running = null;
      });
      return current;
    },
    current: () => current,
    async close() {
      stopping.abort(new DOMException("The router is stopping.", "AbortError"));
      await running;
    },
  };
}

function none(index: string): IndexVerification {
  const counts = { equal: 0, different: 0, open: 0, absent: 0, single: 0, documents: 0, differing: 0, repaired: 0 };
  return { index, shards: 0, ...counts, missing_nodes: [] };
}

function added(sum: IndexVerification, report: ShardReport): IndexVerification {
  return {
    ...sum,
    shards: sum.shards + 1,
    [report.state]: sum[report.state] + 1,
    documents: sum.documents + report.documents,
    differing: sum.differing + report.differing,
    repaired: sum.repaired + report.repaired,
    missing_nodes: [...new Set([...sum.missing_nodes, ...report.absent])].toSorted(),
  };
}
