/**
 * The connection to the Redis server. While it is down every command fails at once instead of waiting in a queue, and a
 * server that answers nothing is given up after a fixed time; the client comes back by itself, at most a second after
 * the server does. Loaded only when the Redis store is configured.
 */
import { Redis, type RedisOptions } from "ioredis";
import { systemClock } from "../../platform/system.ts";
import type { Emit } from "../../telemetry/event.ts";
import { storeConnected, storeDisconnected } from "../../telemetry/events/store.ts";
import { StoreRefused } from "../store-refused.ts";
import { storeUnavailable } from "../unavailable.ts";
import { watchSilence } from "./watch-silence.ts";

export type RedisClient = Redis;
export type RedisValue = string | number | Buffer;

export interface RedisConnection {
  /** One command; whatever fails is `miroir_store_unavailable`. */
  command<T>(name: string, ...values: readonly RedisValue[]): Promise<T>;
  /** The same for an answer that is no text. */
  bytes(name: string, ...values: readonly RedisValue[]): Promise<Buffer | null>;
  /** Several commands in one round trip, not atomic; the answers by position. */
  commands(list: readonly (readonly [string, ...RedisValue[]])[]): Promise<readonly unknown[]>;
  /** Called with each message of the channel. Messages that were sent while the connection was down are lost. */
  subscribe(channel: string, listener: (message: string) => void): void;
  /** Called each time the connection is there again after a loss. */
  onReconnect(listener: () => void): void;
  close(): Promise<void>;
}

/** Shorter than a heartbeat may be late: a router outlives a server that hangs for a moment. */
const SILENT_MS = 4_000;
const WAITING_MAX = 20_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** A connection that is given up waits so long for the server to agree. */
const GONE_AFTER_MS = 100;
const LOADING_ASKED_MS = 500;
const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 1_000;

/**
 * Rejects with `StoreRefused` when the server cannot be reached or lacks the rights at the start. `silentMs`: a server that
 * has answered nothing for so long, although it was asked, is given up.
 */
export async function connectRedis(url: string, emit: Emit, silentMs: number = SILENT_MS): Promise<RedisConnection> {
  let refusal: string | null = null;
  const client = open(url, silentMs, (cause) => (refusal = cause));
  const reconnected: (() => void)[] = [];
  let isUp = false;
  let wasUp = false;
  client.on("ready", () => {
    isUp = true;
    if (!wasUp) {
      wasUp = true;
      return;
    }
    emit(storeConnected, {});
    for (const listener of reconnected) listener();
  });
  client.on("close", () => {
    if (isUp) emit(storeDisconnected, { detail: refusal ?? "the connection was closed" });
    isUp = false;
  });
  const channels = new Set<string>();
  let subscriber: Redis | undefined;
  try {
    await client.connect();
  } catch (cause) {
    client.disconnect();
    const detail = refusal ?? (cause instanceof Error ? cause.message : String(cause));
    throw new StoreRefused("unusable", `The Redis server of \`task_store.url\` cannot be used: ${detail}.`, cause);
  }

  const watch = watchSilence({
    clock: systemClock,
    silentMs,
    waitingMax: WAITING_MAX,
    silent: () => {
      refusal = "the server answered nothing";
      client.disconnect(true);
    },
  });
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await watch.run(work);
    } catch (cause) {
      throw storeUnavailable(cause instanceof Error ? plainly(cause) : cause);
    }
  };

  return {
    command: <T>(name: string, ...values: readonly RedisValue[]) =>
      guarded(() => client.call(name, [...values]) as Promise<T>),
    bytes: (name, ...values) => guarded(() => client.callBuffer(name, [...values]) as Promise<Buffer | null>),
    commands: (list) =>
      guarded(async () => {
        if (list.length === 0) return [];
        const pipeline = client.pipeline();
        for (const [name, ...values] of list) pipeline.call(name, ...values);
        const answers = (await pipeline.exec()) ?? [];
        return answers.map(([failure, answer]) => {
          if (failure !== null) throw failure;
          return answer;
        });
      }),
    subscribe: (channel, listener) => {
      channels.add(channel);
      if (subscriber === undefined) {
        const created = open(url, silentMs, () => {});
        created.on("ready", () => void created.subscribe(...channels).catch(() => {}));
        created.connect().catch(() => {});
        subscriber = created;
      } else if (subscriber.status === "ready") void subscriber.subscribe(channel).catch(() => {});
      subscriber.on("message", (from: string, message: string) => {
        if (from === channel) listener(message);
      });
    },
    onReconnect: (listener) => void reconnected.push(listener),
    close: async () => {
      watch.close();
      subscriber?.disconnect();
      client.disconnect();
    },
  };
}

function open(url: string, silentMs: number, failed: (detail: string) => void): Redis {
  const options = {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // While a connection is made nobody waits for an answer whose absence would be noticed here.
    socketTimeout: silentMs * 2,
    disconnectTimeout: GONE_AFTER_MS,
    // How long a server that still reads its file is left before it is asked again whether it has.
    maxLoadingRetryTime: LOADING_ASKED_MS,
    retryStrategy: (attempt: number) => Math.min(RECONNECT_FIRST_MS * 2 ** Math.min(attempt, 10), RECONNECT_MAX_MS),
    // A server that has become a replica takes no writes: connect again, perhaps to the new primary.
    reconnectOnError: (cause: Error) => cause.message.startsWith("READONLY"),
  } satisfies RedisOptions;
  const client = new Redis(url, options);
  // Without a listener the client writes to the console by itself.
  client.on("error", (cause: Error) => failed(cause.message));
  return client;
}

/** Without the place in a script of ours, which the server adds to what it says. */
function plainly(cause: Error): Error {
  const message = cause.message.replace(/ script: [0-9a-f]{40}, on @user_script:\d+\.?$/, "");
  return message === cause.message ? cause : new Error(message, { cause });
}
