/** `ChangeFeed` in Redis: versions in one hash, told through a channel; what each router has seen stands in its own hash. */
import type { ChangeFeed, StoreVersions, Versioned } from "../change-feed.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import behindText from "./scripts/routers-behind.lua" with { type: "text" };
import observeText from "./scripts/observe-versions.lua" with { type: "text" };

const observeScript = script(observeText);
const behindScript = script(behindText);
const KEY = "miroir:versions";
const CHANNEL = "miroir:changed";
const NAMES = ["catalog", "hints", "keys", "topology"] as const satisfies readonly Versioned[];

export interface RedisChangeFeed extends ChangeFeed {
  /** The version of the hints that came along with another answer. */
  sawHints(version: number): void;
}

export function redisChangeFeed(redis: RedisConnection): RedisChangeFeed {
  const listeners: (() => void)[] = [];
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  let hintsSeen = 0;
  redis.onReconnect(tell);
  return {
    shared: true,
    versions: async () => {
      const values = await redis.command<readonly (string | null)[]>("HMGET", KEY, ...NAMES);
      return Object.fromEntries(
        NAMES.map((name, place) => [name, Number(values[place] ?? 0)]),
      ) as unknown as StoreVersions;
    },
    raise: async (name) => {
      const version = await redis.command<number>("HINCRBY", KEY, name, 1);
      await redis.command("PUBLISH", CHANNEL, `${name} ${version}`);
    },
    onChange: (listener) => {
      if (listeners.length === 0) redis.subscribe(CHANNEL, tell);
      listeners.push(listener);
    },
    observe: async (run, versions) => {
      const seen = NAMES.flatMap((name) => [`seen_${name}`, versions[name]]);
      await runScript(redis, observeScript, nameOf(run), run, ...seen);
    },
    behind: (run, name, version) => runScript(redis, behindScript, run, `seen_${name}`, version),
    sawHints: (version) => {
      if (version !== hintsSeen) tell();
      hintsSeen = version;
    },
  };
}

/** A run is named after its router. */
function nameOf(run: string): string {
  return run.slice(0, run.lastIndexOf("/"));
}
