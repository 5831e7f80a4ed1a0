/**
 * Records of one kind, each a hash with its JSON, and the set of their names, so that a list never needs a scan. What is
 * changed under a lease or by compare-and-set is judged in the same step as the change.
 */
import type { Fence } from "../lease-store.ts";
import { leaseLost } from "../refusals.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import fenceText from "./scripts/fence.lua" with { type: "text" };
import removeText from "./scripts/remove-record.lua" with { type: "text" };
import saveText from "./scripts/save-record.lua" with { type: "text" };

const saveScript = script(fenceText, saveText);
const removeScript = script(fenceText, removeText);

export interface RecordChange {
  /** Nothing changes when another version is stored; 0: there is none yet. */
  readonly expectedVersion?: number;
  /** Rejects with `miroir_taken_over` when it is lost. */
  readonly fence?: Fence | undefined;
}

export interface Records<T> {
  /** In no order. */
  all(): Promise<readonly T[]>;
  get(name: string): Promise<T | undefined>;
  save(name: string, record: T, change?: RecordChange & { readonly version?: number }): Promise<boolean>;
  /** With further keys that belong to it. */
  remove(name: string, change?: RecordChange, further?: readonly string[]): Promise<boolean>;
  keyOf(name: string): string;
}

/** `pack` and `unpack` for what JSON cannot say. */
export function redisRecords<T, Packed = T>(
  redis: RedisConnection,
  prefix: string,
  pack: (record: T) => Packed = (record) => record as unknown as Packed,
  unpack: (packed: Packed) => T = (packed) => packed as unknown as T,
): Records<T> {
  const index = `${prefix}:_index`;
  // What begins with an underscore is not a name of ours.
  const keyOf = (name: string): string => `${prefix}:${name.startsWith("_") ? "_" : ""}${name}`;
  const read = (text: unknown): T[] => (typeof text === "string" ? [unpack(JSON.parse(text) as Packed)] : []);
  const preamble = (name: string, { expectedVersion, fence }: RecordChange): readonly (string | number)[] => [
    fence?.scope ?? "",
    fence?.number ?? "",
    index,
    keyOf(name),
    name,
    expectedVersion ?? "",
  ];
  const done = (answer: number, change: RecordChange): boolean => {
    if (answer < 0) throw leaseLost(change.fence?.scope ?? "");
    return answer === 1;
  };
  return {
    keyOf,
    async all() {
      const names = await redis.command<readonly string[]>("SMEMBERS", index);
      const records: T[] = [];
      for (let start = 0; start < names.length; start += READ_AT_ONCE) {
        const chunk = names.slice(start, start + READ_AT_ONCE);
        const texts = await redis.commands(chunk.map((name) => ["HGET", keyOf(name), "record"] as const));
        for (const text of texts) records.push(...read(text));
      }
      return records;
    },
    get: async (name) => read(await redis.command<string | null>("HGET", keyOf(name), "record"))[0],
    async save(name, record, change = {}) {
      const fields = ["record", JSON.stringify(pack(record)), "version", change.version ?? 0] as const;
      return done(await runScript<number>(redis, saveScript, ...preamble(name, change), ...fields), change);
    },
    remove: async (name, change = {}, further = []) =>
      done(await runScript<number>(redis, removeScript, ...preamble(name, change), ...further), change),
  };
}

const READ_AT_ONCE = 500;
