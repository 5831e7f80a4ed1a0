import { describe, expect, test } from "bun:test";
import { createLog, type Log, type LogOptions, type LogSink } from "../../../src/telemetry/log.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

interface Fixture {
  readonly log: Log;
  readonly clock: FakeClock;
  readonly written: string[];
  readonly lines: () => Record<string, unknown>[];
}

function fixture(options: Partial<LogOptions> = {}): Fixture {
  const clock = createFakeClock(Date.UTC(2025, 0, 2, 3, 4, 5, 678));
  const written: string[] = [];
  const sink: LogSink = {
    write: async (text) => void written.push(text),
    writeNow: (text) => void written.push(text),
  };
  const log = createLog({ clock, level: "info", format: "json", secrets: [], sink, ...options });
  const lines = (): Record<string, unknown>[] =>
    written
      .join("")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, clock, written, lines };
}

describe("a log line", () => {
  test("is one JSON object with timestamp, level, message and the fields", async () => {
    const { log, lines } = fixture();
    log.write("info", "Something happened.", { request_id: "r", index: "movies", none: undefined, big: 12n });
    await log.flush();
    expect(lines()).toEqual([
      {
        timestamp: "2025-01-02T03:04:05.678Z",
        level: "info",
        message: "Something happened.",
        request_id: "r",
        index: "movies",
        big: "12",
      },
    ]);
  });

  test("stays one line whatever its fields contain", async () => {
    const { log, lines } = fixture();
    log.write("info", "A\nB", { text: "a\nb\u2028c\u0000" });
    log.write("error", "It broke.", { error: new TypeError("first\nsecond") });
    await log.flush();
    expect(lines()).toHaveLength(2);
    expect(lines()[1]?.["error"]).toMatchObject({ name: "TypeError", message: "first\nsecond" });
  });

  test("that cannot be printed is still written, without its fields", async () => {
    const { log, lines } = fixture();
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    log.write("info", "Round.", circle);
    await log.flush();
    expect(lines()[0]).toMatchObject({ message: "Round.", unprintable: true });
  });

  test("never contains a secret, wherever it hides", async () => {
    const { log, written } = fixture({ secrets: ["hush-hush", 'quo"ted-secret', "", "ab"] });
    log.write("error", "The key hush-hush failed.", {
      authorization: "Bearer hush-hush",
      nested: { deep: ["hush-hush", 'x quo"ted-secret y'] },
      error: new TypeError("at http://user:hush-hush@node"),
      "hush-hush": 1,
    });
    await log.flush();
    expect(written.join("")).not.toContain("hush-hush");
    expect(written.join("")).not.toContain("ted-secret");
    expect(written.join("")).toContain("[hidden]");
  });

  test("is for people in the pretty form", async () => {
    const { log, written } = fixture({ format: "pretty" });
    log.write("warn", "Careful.", { index: "movies", count: 3, nothing: undefined });
    await log.flush();
    expect(Bun.stripANSI(written.join(""))).toBe("03:04:05.678 WARN  Careful. index=movies count=3\n");
  });
});

describe("the level", () => {
  test("decides what is written and can change while running", async () => {
    const { log, lines } = fixture({ level: "warn" });
    log.write("info", "no", {});
    log.write("warn", "yes", {});
    log.setLevel("debug");
    expect(log.enabled("debug")).toBe(true);
    log.write("debug", "now", {});
    await log.flush();
    expect(lines().map(({ message }) => message)).toEqual(["yes", "now"]);
  });
});

describe("writing", () => {
  test("collects lines for a moment and writes them together, in order, leaving no timer", async () => {
    const { log, clock, written, lines } = fixture();
    for (let i = 0; i < 5; i++) log.write("info", String(i), {});
    expect(written).toEqual([]);
    await clock.advance(20);
    expect(written).toHaveLength(1);
    expect(lines().map(({ message }) => message)).toEqual(["0", "1", "2", "3", "4"]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test("waits for a slow reader without losing or mixing lines", async () => {
    const parts: string[] = [];
    const gates: (() => void)[] = [];
    const sink: LogSink = {
      write: (text) =>
        new Promise((resolve) => {
          parts.push(text);
          gates.push(resolve);
        }),
      writeNow: () => undefined,
    };
    const { log, clock } = fixture({ sink });
    log.write("info", "a", {});
    await clock.advance(20);
    log.write("info", "b", {});
    log.write("info", "c", {});
    await clock.advance(1_000);
    expect(parts).toHaveLength(1);
    const flushed = log.flush();
    gates[0]?.();
    await clock.settle();
    expect(parts).toHaveLength(2);
    gates[1]?.();
    await flushed;
    expect(
      parts
        .join("")
        .split("\n")
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { message: string }).message),
    ).toEqual(["a", "b", "c"]);
  });

  test("drops what does not fit when nobody reads, and says how much", async () => {
    let release = (): void => undefined;
    const parts: string[] = [];
    const sink: LogSink = {
      write: (text) => {
        parts.push(text);
        return parts.length > 1 ? Promise.resolve() : new Promise((resolve) => (release = resolve));
      },
      writeNow: () => undefined,
    };
    const { log, clock } = fixture({ sink });
    log.write("info", "first", {});
    await clock.advance(20);
    const large = "x".repeat(1_000_000);
    for (let i = 0; i < 10; i++) log.write("info", large, {});
    release();
    await log.flush();
    const text = parts.join("");
    expect(text.length).toBeLessThan(5_000_000);
    expect(/"event":"log.lines_dropped","count":(\d+)/.exec(text)?.[1]).toBe("6");
  });

  test("at the very end everything that waits goes out at once", () => {
    const { log, lines } = fixture();
    log.write("error", "last words", {});
    log.flushNow();
    expect(lines()).toHaveLength(1);
  });
});

test("lines written right before the end of the process reach a pipe, all of them", async () => {
  const script = `
    import { createLog } from "${new URL("../../../src/telemetry/log.ts", import.meta.url).pathname}";
    import { systemClock } from "${new URL("../../../src/platform/system.ts", import.meta.url).pathname}";
    const log = createLog({ clock: systemClock, level: "info", format: "json", secrets: [] });
    for (let i = 0; i < 5000; i++) log.write("info", "line", { i, pad: "x".repeat(200) });
    await log.flush();
    process.exit(0);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  const numbers = text
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { i: number }).i);
  expect(numbers).toEqual(Array.from({ length: 5000 }, (_, i) => i));
});
