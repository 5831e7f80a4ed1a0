/**
 * How a Redis server that works may still lose what routers rely on: looked at when a router starts, and by `miroir doctor`.
 * What the server does not tell (its rights may be narrow) is no risk that is known.
 */
import type { RedisConnection } from "./connect.ts";

export interface RedisRisk {
  /** `problem`: it happens while everything works; `warning`: only at a crash, or only to what people see. */
  readonly level: "problem" | "warning";
  /** A whole sentence. */
  readonly finding: string;
  readonly advice: string;
}

/** Never rejects. */
export async function findRisks(
  redis: Pick<RedisConnection, "command">,
  nowMs: () => number,
): Promise<readonly RedisRisk[]> {
  const info = await redis.command<string>("INFO").catch(() => "");
  const of = (name: string): string => new RegExp(`^${name}:(.*)$`, "m").exec(info)?.[1]?.trim() ?? "";
  const risks: RedisRisk[] = [];
  if (of("aof_enabled") === "0") risks.push(NO_APPEND_ONLY_FILE);
  const policy = of("maxmemory_policy");
  if (policy !== "" && policy !== "noeviction") risks.push(evicts(policy));
  const skewMs = await clockSkewMs(redis, nowMs).catch(() => 0);
  if (Math.abs(skewMs) > SKEW_MAX_MS) risks.push(clocksDiffer(skewMs));
  return risks;
}

const NO_APPEND_ONLY_FILE: RedisRisk = {
  level: "warning",
  finding: "The server keeps no append-only file: its crash loses tasks and the catalog.",
  advice: "Set `appendonly yes` and `appendfsync always` (or `everysec`, which may lose the last second).",
};

function evicts(policy: string): RedisRisk {
  return {
    level: "problem",
    finding: `The server throws keys away when its memory is full (maxmemory-policy ${policy}).`,
    advice: "Set `maxmemory-policy noeviction`, or give the routers a server of their own.",
  };
}

/** How far this machine's clock is ahead of the server's, by the middle of the time that the answer took. */
async function clockSkewMs(redis: Pick<RedisConnection, "command">, nowMs: () => number): Promise<number> {
  const askedMs = nowMs();
  const [seconds, microseconds] = await redis.command<readonly [string, string]>("TIME");
  return (askedMs + nowMs()) / 2 - (Number(seconds) * 1_000 + Number(microseconds) / 1_000);
}

function clocksDiffer(skewMs: number): RedisRisk {
  const direction = skewMs > 0 ? "ahead of" : "behind";
  return {
    level: "warning",
    finding: `The clock of this machine is ${Math.round(Math.abs(skewMs) / 1_000)} s ${direction} the server's.`,
    advice:
      "Let every machine follow the same time: tasks of several routers are sorted and filtered by their own clocks.",
  };
}

const SKEW_MAX_MS = 5_000;
