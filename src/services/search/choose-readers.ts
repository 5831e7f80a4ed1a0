/**
 * Who answers a read of an index: one group, and in it nodes that answer with the same settings where there is a choice,
 * since scores under different settings cannot be compared. A caller may ask for nodes that have been proven to have a
 * version; then only those are asked, also in a retry.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { apiError, type ApiError } from "../../core/errors/api-error.ts";
import type { Permitted } from "../../core/routing/covering-set.ts";
import type { ShardMap } from "../../core/routing/shard-map.ts";
import type { NodeId } from "../../core/topology/topology.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { takesShare } from "../fleet/gentle-start.ts";
import type { SettingsState } from "../settings/settings-state.ts";
import { type GroupRotation, isWhole } from "./choose-group.ts";

export interface ReadersDeps {
  readonly fleet: Pick<Fleet, "readable" | "share" | "worthTrying">;
  readonly rotation: GroupRotation;
  /** Absent: all nodes are taken to have the same settings. */
  readonly settingsState?: SettingsState;
  /** `X-Miroir-Min-Settings-Version` of the request. */
  readonly minSettingsVersion?: number;
}

export interface Readers<Deps> {
  readonly group: number;
  /** Who is asked first. */
  readonly permitted: Permitted;
  /** The caller's, with `fleet` narrowed to whom may be asked in a retry. */
  readonly deps: Deps;
}

/** Throws 503 `miroir_settings_version_stale` when the wanted version cannot be had for every shard. */
export function chooseReaders<Deps extends ReadersDeps>(deps: Deps, entry: IndexEntry, map: ShardMap): Readers<Deps> {
  const { fleet, rotation, settingsState: state, minSettingsVersion: min } = deps;
  const share = (nodeId: NodeId): number => fleet.share(nodeId);
  const gently = (readable: (nodeId: NodeId) => boolean): Permitted => {
    return (nodeId, print) => readable(nodeId) && (print === undefined || takesShare(share(nodeId), print));
  };
  const any = (readable: (nodeId: NodeId) => boolean) => ({
    group: rotation.next(map, readable, share),
    permitted: gently(readable),
  });
  const all = (nodeId: NodeId): boolean => fleet.readable(nodeId);
  if (state === undefined || (min === undefined && state.uniform(entry.uid))) return { ...any(all), deps };

  const proven = (nodeId: NodeId): boolean => min === undefined || state.proven(entry.uid, nodeId) >= min;
  const readable = (nodeId: NodeId): boolean => all(nodeId) && proven(nodeId);
  if (min !== undefined) requireVersion(entry, map, min, all, readable);
  const worthTrying: Fleet["worthTrying"] = async (nodeId) => proven(nodeId) && (await fleet.worthTrying(nodeId));
  const narrowed = min === undefined ? deps : { ...deps, fleet: { ...fleet, readable, worthTrying } };
  const alike = chooseAlike(state, entry, map, readable, (permitted) => rotation.next(map, permitted, share));
  if (alike === null) return { ...any(readable), deps: narrowed };
  return { group: alike.group, permitted: gently(alike.permitted), deps: narrowed };
}

/** A whole group whose nodes answer with the same settings: settled ones first, then the newest. */
function chooseAlike(
  state: SettingsState,
  entry: IndexEntry,
  map: ShardMap,
  readable: (nodeId: NodeId) => boolean,
  next: (permitted: (nodeId: NodeId) => boolean) => number,
): { readonly group: number; readonly permitted: (nodeId: NodeId) => boolean } | null {
  const of = state.of(entry.uid);
  const states = new Map([...map.shardsOf.keys()].map((nodeId) => [nodeId, of(nodeId)]));
  const versions = [...new Set([...states.values()].map(({ version }) => version))].toSorted((a, b) => b - a);
  for (const moving of [false, true]) {
    for (const version of versions) {
      const permitted = (nodeId: NodeId): boolean => {
        const now = states.get(nodeId);
        return now?.version === version && (moving || !now.moving) && readable(nodeId);
      };
      const group = next(permitted);
      if (isWhole(map, group, permitted)) return { group, permitted };
    }
  }
  return null;
}

/** What nobody answers at all is missing, not stale. */
function requireVersion(
  entry: IndexEntry,
  map: ShardMap,
  min: number,
  all: (nodeId: NodeId) => boolean,
  readable: (nodeId: NodeId) => boolean,
): void {
  if (entry.settingsVersion < min) throw stale(entry, min, `the newest is ${entry.settingsVersion}`);
  for (let shard = 0; shard < map.shards; shard += 1) {
    const owners = map.owners.flatMap((group) => group[shard] ?? []);
    if (owners.some(readable)) continue;
    const behind = owners.filter(all);
    if (behind.length > 0) throw stale(entry, min, `nodes ${behind.join(", ")} have not been proven to have it`);
  }
}

export function stale(entry: IndexEntry, min: number, why: string): ApiError {
  return apiError(
    "miroir_settings_version_stale",
    `Version ${min} of the settings of index \`${entry.uid}\` cannot be had: ${why}.`,
  );
}
