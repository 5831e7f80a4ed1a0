/**
 * Writers at full speed that know afterwards what must be there. Each has keys of its own and repeats a write until it
 * is acknowledged, as a client does; so the last acknowledged version of every document is known.
 */
import type { Dice } from "../simulation/dice.ts";
import type { TestMiroir } from "./miroir.ts";

export interface ChaosWriters {
  /** Of every document that was ever written: its last acknowledged version; null: deleted. */
  readonly expected: ReadonlyMap<string, number | null>;
  readonly tasks: readonly number[];
  /** Documents written and deleted so far, repetitions not counted. */
  done(): number;
  refusals(): ReadonlyMap<string, number>;
  /** Resolves when `count` documents have been written or deleted. */
  run(count: number): Promise<void>;
}

export interface WriterOptions {
  readonly miroir: Pick<TestMiroir, "request" | "adminKey">;
  readonly index: string;
  readonly dice: Dice;
  readonly writers: number;
  readonly keysPerWriter: number;
  readonly batch: number;
}

/** Doubled with every refusal, as `Retry-After` asks for. */
const PAUSE_FIRST_MS = 50;
const PAUSE_MAX_MS = 2_000;
/** A write that nobody takes for so long means that something stands still. */
const GIVE_UP_MS = 400_000;

export function createWriters(options: WriterOptions): ChaosWriters {
  const { miroir, index, dice, writers, keysPerWriter, batch } = options;
  const expected = new Map<string, number | null>();
  const tasks: number[] = [];
  const refusals = new Map<string, number>();
  let done = 0;
  let version = 0;

  async function acknowledged(method: string, path: string, body: unknown): Promise<void> {
    const deadline = performance.now() + GIVE_UP_MS;
    for (let pauseMs = PAUSE_FIRST_MS; performance.now() < deadline; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
      const answer = await miroir.request(method, path, body).catch(() => undefined);
      if (answer?.status === 202) return void tasks.push(answer.body.taskUid);
      const why = answer === undefined ? "connection lost" : `${answer.status} ${answer.body?.code}`;
      refusals.set(why, (refusals.get(why) ?? 0) + 1);
      if (answer !== undefined && answer.status < 500) {
        throw new TypeError(`${method} ${path} was refused with ${answer.status}: ${answer.text}`);
      }
      await Bun.sleep(pauseMs);
    }
    const admin = { "x-admin-key": miroir.adminKey };
    const topology = await miroir.request("GET", "/_miroir/topology", undefined, admin).catch(() => undefined);
    const told = [...refusals].map(([why, count]) => `${why}: ${count}`).join(", ");
    throw new TypeError(
      `${method} ${path} was not acknowledged within ${GIVE_UP_MS} ms (${told}): ${topology?.text ?? "no answer"}`,
    );
  }

  async function writeBatch(writer: number): Promise<void> {
    const keys = new Set<string>();
    while (keys.size < batch) keys.add(`w${writer}-${dice.below(keysPerWriter)}`);
    version += 1;
    const mine = version;
    const path = `/indexes/${index}/documents`;
    if (dice.chance(0.3)) {
      await acknowledged("POST", `${path}/delete-batch`, [...keys]);
      for (const key of keys) expected.set(key, null);
    } else {
      const documents = [...keys].map((id) => ({ id, version: mine, text: `entry ${id} in version ${mine}` }));
      await acknowledged(dice.chance(0.5) ? "POST" : "PUT", `${path}?primaryKey=id`, documents);
      for (const key of keys) expected.set(key, mine);
    }
    done += keys.size;
  }

  return {
    expected,
    tasks,
    done: () => done,
    refusals: () => refusals,
    async run(count) {
      const end = done + count;
      await Promise.all(
        Array.from({ length: writers }, async (_unused, writer) => {
          while (done < end) await writeBatch(writer);
        }),
      );
    },
  };
}
