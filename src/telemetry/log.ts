/**
 * The log: one line per event on stdout, JSON for machines or coloured for a terminal. Lines are collected and written
 * together from off the event loop's thread, in order; what does not fit the bound because nobody reads is dropped and
 * counted. No configured secret ever leaves through here, whatever a field contains.
 */
import { write, writeSync } from "node:fs";
import type { Clock } from "../platform/clock.ts";
import type { LogLevel } from "./event.ts";

export interface Log {
  enabled(level: LogLevel): boolean;
  /** Never throws, never waits. */
  write(level: LogLevel, message: string, fields: object): void;
  /** Takes effect with the next line. */
  setLevel(level: LogLevel): void;
  /** Resolves when everything written so far has been handed to the system. */
  flush(): Promise<void>;
  /** The last resort of a program that is about to die: blocks until the lines are out. */
  flushNow(): void;
}

export interface LogOptions {
  readonly clock: Clock;
  readonly level: LogLevel;
  readonly format: "json" | "pretty";
  /** Texts that are replaced wherever they would appear. */
  readonly secrets: readonly string[];
  /** Where lines go; default stdout. */
  readonly sink?: LogSink;
}

/** Takes text and may be slow; only one `write` runs at a time. */
export interface LogSink {
  write(text: string): Promise<void>;
  writeNow(text: string): void;
}

export function createLog(options: LogOptions): Log {
  const { clock } = options;
  const sink = options.sink ?? stdoutSink(clock);
  const hide = hider(options.secrets);
  const format = options.format === "json" ? formatJson : formatPretty;
  let threshold = SEVERITY[options.level];
  let waiting: string[] = [];
  let waitingChars = 0;
  let dropped = 0;
  let writing: Promise<void> | null = null;
  let scheduled = false;

  const take = (): string => {
    if (dropped > 0) {
      const message = "Log lines were dropped because nobody read the output fast enough.";
      waiting.push(format(clock.nowMs(), "warn", message, { event: "log.lines_dropped", count: dropped }));
      dropped = 0;
    }
    const text = waiting.join("");
    waiting = [];
    waitingChars = 0;
    return text;
  };
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) await sink.write(take());
  };
  const start = (): Promise<void> => {
    writing ??= drain()
      .catch(() => undefined)
      .finally(() => (writing = null));
    return writing;
  };

  return {
    enabled: (level) => SEVERITY[level] >= threshold,
    write: (level, message, fields) => {
      if (SEVERITY[level] < threshold) return;
      const line = hide(format(clock.nowMs(), level, message, fields));
      if (waitingChars + line.length > WAITING_CHARS_MAX) {
        dropped++;
        return;
      }
      waiting.push(line);
      waitingChars += line.length;
      if (scheduled || writing !== null) return;
      scheduled = true;
      clock.startTimer(COLLECT_MS, () => {
        scheduled = false;
        void start();
      });
    },
    setLevel: (level) => {
      threshold = SEVERITY[level];
    },
    flush: async () => {
      if (writing !== null) await writing;
      if (waiting.length > 0) await start();
    },
    flushNow: () => {
      if (waiting.length > 0) sink.writeNow(take());
    },
  };
}

type Format = (nowMs: number, level: LogLevel, message: string, fields: object) => string;

const formatJson: Format = (nowMs, level, message, fields) => {
  const timestamp = new Date(nowMs).toISOString();
  try {
    const line = { timestamp, level, message, ...fields };
    // A replacer makes printing several times as dear, and most lines have only texts and numbers.
    return `${isFlat(fields) ? JSON.stringify(line) : JSON.stringify(line, printable)}\n`;
  } catch {
    return `${JSON.stringify({ timestamp, level, message, unprintable: true })}\n`;
  }
};

const formatPretty: Format = (nowMs, level, message, fields) => {
  const time = new Date(nowMs).toISOString().slice(11, 23);
  let line = `${DIM}${time}${RESET} ${COLOUR[level]}${level.toUpperCase().padEnd(5)}${RESET} ${message}`;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    line += ` ${DIM}${name}=${RESET}${typeof value === "string" ? value : printSafely(value)}`;
  }
  return `${line}\n`;
};

function printSafely(value: unknown): string {
  try {
    return JSON.stringify(value, printable) ?? String(value);
  } catch {
    return "(unprintable)";
  }
}

function isFlat(fields: object): boolean {
  for (const value of Object.values(fields)) {
    if (typeof value === "bigint" || (typeof value === "object" && value !== null)) return false;
  }
  return true;
}

function printable(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack };
  return value;
}

/** Replaces secrets as they are and as JSON would write them. Very short ones would tear ordinary words apart. */
function hider(secrets: readonly string[]): (line: string) => string {
  const texts = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SECRET_LENGTH_MIN) continue;
    texts.add(secret);
    texts.add(JSON.stringify(secret).slice(1, -1));
  }
  return (line) => {
    let safe = line;
    for (const text of texts) if (safe.includes(text)) safe = safe.replaceAll(text, "[hidden]");
    return safe;
  };
}

function stdoutSink(clock: Clock): LogSink {
  let closed = false;
  return {
    write: async (text) => {
      let rest: Uint8Array = Buffer.from(text);
      while (rest.byteLength > 0 && !closed) {
        const written = await writeSome(rest);
        if (written === "closed") closed = true;
        else if (written === "full") await clock.sleep(FULL_WAIT_MS);
        else rest = rest.subarray(written);
      }
    },
    writeNow: (text) => {
      let rest: Uint8Array = Buffer.from(text);
      if (closed) return;
      for (let attempt = 0; rest.byteLength > 0 && attempt < WRITE_NOW_ATTEMPTS; attempt++) {
        try {
          rest = rest.subarray(writeSync(STDOUT, rest));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
        }
      }
    },
  };
}

/** How many bytes went out; `full`: a pipe that has no room now; `closed`: nobody will ever read again. */
function writeSome(bytes: Uint8Array): Promise<number | "full" | "closed"> {
  return new Promise((resolve) => {
    write(STDOUT, bytes, 0, bytes.byteLength, null, (error, written) => {
      if (error === null) resolve(written);
      else resolve(error.code === "EAGAIN" ? "full" : "closed");
    });
  });
}

const STDOUT = 1;
const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const DIM = "\u001b[2m";
const RESET = "\u001b[0m";
const COLOUR: Readonly<Record<LogLevel, string>> = {
  debug: "\u001b[2m",
  info: "\u001b[32m",
  warn: "\u001b[33m",
  error: "\u001b[31m",
};
const COLLECT_MS = 20;
const FULL_WAIT_MS = 10;
const WAITING_CHARS_MAX = 4 * 1024 * 1024;
const WRITE_NOW_ATTEMPTS = 10_000;
const SECRET_LENGTH_MIN = 6;
