/**
 * A real Redis server for tests: a child process on a free loopback port with its data in a temporary directory, ended
 * when the test process ends. Where the machine has none, tests that need one are skipped and say so.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { killAtExit, signalProcess } from "./nodes-processes.ts";

export interface TestRedis {
  readonly port: number;
  /** With the number of a database, so that tests of one file do not meet. */
  url(database?: number): string;
  /** Ends the process as a crash would; what it promised stays on the disk. */
  kill(): Promise<void>;
  /** A new process on the same port and data. */
  restart(): Promise<void>;
  /** The process keeps its connections but answers nothing until `resume`. */
  stall(): void;
  resume(): void;
  /** One command through a client of the server's own, for looking from outside. */
  command(...words: string[]): Promise<string>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/** Why there is no server here, or null when there is one. */
export function noRedisReason(): string | null {
  const both = Bun.which("redis-server") !== null && Bun.which("redis-cli") !== null;
  return both ? null : "this machine has no redis-server and redis-cli on its PATH";
}

export async function startRedis(options: { readonly durable?: boolean } = {}): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), "miroir-redis-"));
  const port = freePort();
  const spawn = (): Bun.Subprocess => {
    const child = Bun.spawn(
      [
        "redis-server",
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        directory,
        "--save",
        "",
        "--appendonly",
        options.durable === true ? "yes" : "no",
        "--appendfsync",
        "always",
      ],
      { stdin: "ignore", stdout: "ignore", stderr: "ignore" },
    );
    killAtExit(child);
    return child;
  };
  const command = async (...words: string[]): Promise<string> => {
    const child = Bun.spawn(["redis-cli", "-p", String(port), ...words], { stdout: "pipe", stderr: "ignore" });
    return (await child.stdout.text()).trim();
  };
  const isUp = async (): Promise<void> => {
    const deadline = performance.now() + START_TIMEOUT_MS;
    while ((await command("PING")) !== "PONG") {
      if (performance.now() > deadline) throw new TypeError(`redis-server did not start on port ${port}`);
      await Bun.sleep(20);
    }
  };
  let child = spawn();
  await isUp();
  const end = async (): Promise<void> => {
    signalProcess(child.pid, "SIGCONT");
    child.kill("SIGKILL");
    await child.exited;
  };
  return {
    port,
    url: (database = 0) => `redis://127.0.0.1:${port}/${database}`,
    kill: end,
    async restart() {
      await end();
      child = spawn();
      await isUp();
    },
    stall: () => signalProcess(child.pid, "SIGSTOP"),
    resume: () => signalProcess(child.pid, "SIGCONT"),
    command,
    async stop() {
      await end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
