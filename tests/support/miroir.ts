/**
 * A router for tests: the compiled executable when it is newer than every source file, else the script; always a
 * child process, so that it can be killed, stalled and started again on the same state like in real life.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { nodeRequest, startNodes, type NodeAnswer, type NodeKind, type TestNode } from "./nodes.ts";
import { killAtExit, signalProcess } from "./nodes-processes.ts";

const ROOT = join(import.meta.dir, "..", "..");
const EXECUTABLE = join(ROOT, "dist", "miroir");
const START_TIMEOUT_MS = 120_000;
const POLL_MS = 20;
const LINES_TOLD = 40;
const TEST_ADMIN_KEY = "test-admin-key-0123456789";

export interface TestMiroir {
  readonly url: string;
  readonly masterKey: string;
  readonly adminKey: string;
  readonly nodes: readonly TestNode[];
  readonly directory: string;
  readonly metricsUrl: string;
  readonly pid: number;
  /** What the router has written to stdout and stderr so far. */
  output(): Promise<string>;
  /** The last of that without the requests, for the message of a test that waits in vain. */
  told(): Promise<string>;
  /** One request with the master key. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<NodeAnswer>;
  /** Sends a write, waits until its task has ended and returns the task. */
  write(method: string, path: string, body?: unknown): Promise<NodeAnswer["body"]>;
  /** Ends the router as a crash would. */
  kill(): Promise<void>;
  /** Asks it to stop and returns its exit code. */
  terminate(): Promise<number>;
  /** Starts it again on the same state and waits until it is ready. */
  start(): Promise<void>;
  /** Ends router and nodes and removes everything. */
  stop(): Promise<void>;
}

export interface StartMiroirOptions {
  readonly nodes?: number;
  readonly replicationFactor?: number;
  readonly replicaGroups?: number;
  readonly shards?: number;
  readonly kind?: NodeKind;
  /** Default: that of the configuration. */
  readonly bodyBytesMax?: number;
  /** The value of `task_store`; default: a file of its own. */
  readonly store?: string;
  /** Where store and kept writes go; default: a folder that is removed at the end. */
  readonly stateDirectory?: string;
  readonly hintBytesMax?: number;
  /** How often nodes are probed; default: every half second. */
  readonly healthIntervalMs?: number;
  /** Further YAML below `miroir:`, indented by two spaces. */
  readonly config?: string;
  /** Nodes that are already running; `nodes` is ignored then. They are stopped with the router all the same. */
  readonly use?: readonly TestNode[];
  /** So far its wall clock is ahead of that of the machine, or behind when negative. */
  readonly clockAheadMs?: number;
  /** What is waited for: the router says it is ready (default), it takes requests at all, or nothing. */
  readonly waitFor?: "ready" | "listening" | "nothing";
}

export async function startMiroir(options: StartMiroirOptions = {}): Promise<TestMiroir> {
  const nodes =
    options.use ?? (await startNodes(options.nodes ?? 3, options.kind === undefined ? {} : { kind: options.kind }));
  const directory = mkdtempSync(join(tmpdir(), "miroir-test-"));
  const port = freePort();
  const metricsPort = freePort();
  const masterKey = nodes[0]?.masterKey ?? "";
  writeFileSync(
    join(directory, "miroir.yaml"),
    configText({ ...options, nodes, directory, port, metricsPort, masterKey }),
  );

  let child: Bun.Subprocess | undefined;
  const url = `http://127.0.0.1:${port}`;
  const end = async (signal: NodeJS.Signals): Promise<number> => {
    if (child === undefined) return -1;
    signalProcess(child.pid, "SIGCONT");
    child.kill(signal);
    return child.exited;
  };
  const miroir: TestMiroir = {
    url,
    masterKey,
    adminKey: TEST_ADMIN_KEY,
    nodes,
    directory,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    get pid() {
      return child?.pid ?? -1;
    },
    output: async () => {
      const log = join(directory, "router.log");
      return existsSync(log) ? Bun.file(log).text() : "";
    },
    told: async () =>
      (await miroir.output())
        .split("\n")
        .filter((line) => !line.includes('"http.request_finished"'))
        .slice(-LINES_TOLD)
        .join("\n"),
    request: (method, path, body, headers) => nodeRequest({ url, masterKey }, method, path, body, headers),
    async write(method, path, body) {
      const accepted = await miroir.request(method, path, body);
      if (accepted.status !== 202 && accepted.status !== 200) {
        throw new TypeError(`${method} ${path} was answered with ${accepted.status}: ${accepted.text}`);
      }
      return waitForEnd(miroir, accepted.body.taskUid);
    },
    kill: async () => void (await end("SIGKILL")),
    terminate: () => end("SIGTERM"),
    async start() {
      child = Bun.spawn(
        ["bash", "-c", 'exec "$@" >>"$LOG" 2>&1', "miroir", ...command(), "serve", "--config", "miroir.yaml"],
        {
          cwd: directory,
          env: { ...process.env, ...skewed(options.clockAheadMs), LOG: join(directory, "router.log") },
          stdin: "ignore",
          stdout: "ignore",
          stderr: "ignore",
        },
      );
      killAtExit(child);
      const waitFor = options.waitFor ?? "ready";
      if (waitFor !== "nothing") await answers(miroir, child, waitFor === "ready" ? "/_miroir/ready" : "/health");
    },
    async stop() {
      await end("SIGKILL");
      await Promise.all(nodes.map((node) => node.stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await miroir.start();
  return miroir;
}

/** Waits for a task of a router or a node to end and returns it. */
export async function waitForEnd(
  target: Pick<TestMiroir, "url" | "masterKey">,
  taskUid: number,
  timeoutMs = 60_000,
): Promise<NodeAnswer["body"]> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 5; performance.now() < deadline; pauseMs = Math.min(100, pauseMs * 1.5)) {
    const answer = await nodeRequest(target, "GET", `/tasks/${taskUid}`);
    if (answer.status === 200 && !["enqueued", "processing"].includes(answer.body.status)) return answer.body;
    await Bun.sleep(pauseMs);
  }
  throw new TypeError(`task ${taskUid} did not end within ${timeoutMs} ms`);
}

async function answers(miroir: TestMiroir, child: Bun.Subprocess, path: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) break;
    const answer = await fetch(miroir.url + path).catch(() => undefined);
    if (answer?.status === 200) return;
    await Bun.sleep(POLL_MS);
  }
  throw new TypeError(`the router did not answer ${path}:\n${await miroir.output()}`);
}

function command(): string[] {
  return executableIsFresh() ? [EXECUTABLE] : [process.execPath, join(ROOT, "src", "main.ts")];
}

function skewed(clockAheadMs: number | undefined): Record<string, string> {
  if (clockAheadMs === undefined) return {};
  const preload = join(import.meta.dir, "skewed-clock.ts");
  return { BUN_OPTIONS: `--preload ${preload}`, TEST_CLOCK_AHEAD_MS: String(clockAheadMs) };
}

let fresh: boolean | undefined;

function executableIsFresh(): boolean {
  fresh ??= existsSync(EXECUTABLE) && statSync(EXECUTABLE).mtimeMs > newestSource();
  return fresh;
}

function newestSource(): number {
  const files = ["src", "migrations"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
  );
  return Math.max(...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs));
}

function configText(facts: {
  readonly nodes: readonly TestNode[];
  readonly directory: string;
  readonly port: number;
  readonly metricsPort: number;
  readonly masterKey: string;
  readonly replicationFactor?: number;
  readonly replicaGroups?: number;
  readonly shards?: number;
  readonly bodyBytesMax?: number;
  readonly store?: string;
  readonly stateDirectory?: string;
  readonly hintBytesMax?: number;
  readonly healthIntervalMs?: number;
  readonly config?: string;
}): string {
  const groups = facts.replicaGroups ?? 1;
  const nodes = facts.nodes.map(
    (node, index) => `    - { id: node-${index}, address: "${node.url}", replica_group: ${index % groups} }`,
  );
  return `miroir:
  master_key: "${facts.masterKey}"
  node_master_key: "${facts.masterKey}"
  admin: { api_key: "${TEST_ADMIN_KEY}" }
  shards: ${facts.shards ?? 16}
  replication_factor: ${facts.replicationFactor ?? 1}
  replica_groups: ${groups}
  nodes:
${nodes.join("\n")}
  server: { bind: 127.0.0.1, port: ${facts.port}, max_body_bytes: ${facts.bodyBytesMax ?? 104_857_600} }
  metrics: { port: ${facts.metricsPort} }
  task_store: ${facts.store ?? `{ path: "${join(facts.stateDirectory ?? facts.directory, "miroir.db")}" }`}
  hints: { path: "${join(facts.stateDirectory ?? facts.directory, "hints")}"${facts.hintBytesMax === undefined ? "" : `, max_bytes: ${facts.hintBytesMax}`} }
  health: { interval_ms: ${facts.healthIntervalMs ?? 500} }
${facts.config ?? ""}`;
}
