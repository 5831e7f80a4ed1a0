/**
 * Nodes for tests: always a child process on a free loopback port, the real engine when the machine has one, the
 * development node otherwise. Every process started here is killed when the test process ends, also when it fails.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "./free-port.ts";
import { killAtExit, signalProcess } from "./nodes-processes.ts";

export type NodeKind = "meilisearch" | "devnode";

export interface TestNode {
  readonly kind: NodeKind;
  readonly url: string;
  readonly port: number;
  readonly masterKey: string;
  readonly pid: number;
  /** Ends the process as a crash would; its data stays. */
  kill(): Promise<void>;
  /** A new process on the same port and data, healthy when the promise resolves. */
  restart(): Promise<void>;
  /** Ends it and removes everything that it has stored; `restart` then starts it empty. */
  loseDisk(): Promise<void>;
  /** The process keeps its connections but answers nothing until `resume`. */
  stall(): void;
  resume(): void;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

export interface StartNodeOptions {
  readonly kind?: NodeKind;
  readonly masterKey?: string;
  readonly port?: number;
  readonly dataDir?: string;
  readonly extraArgs?: readonly string[];
}

export interface NodeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Answers are examined field by field in tests; a shape for each of them would only repeat the test.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

const TEST_MASTER_KEY = "test-master-key-0123456789";
const START_TIMEOUT_MS = 120_000;
const TASK_TIMEOUT_MS = 60_000;
const POLL_FIRST_MS = 5;
const POLL_MAX_MS = 100;
const START_ATTEMPTS_MAX = 5;

/** The executable of the real engine, or null when this machine has none or the environment asks for the stand-in. */
export function realEnginePath(): string | null {
  if (process.env["MIROIR_TEST_ENGINE"] === "devnode") return null;
  return process.env["MEILISEARCH_BIN"] ?? Bun.which("meilisearch");
}

/** Starts one node and waits until it is healthy. A port that was taken in the meantime is tried again with another. */
export async function startNode(options: StartNodeOptions = {}): Promise<TestNode> {
  const kind = options.kind ?? (realEnginePath() === null ? "devnode" : "meilisearch");
  const masterKey = options.masterKey ?? TEST_MASTER_KEY;
  const ownDirectory = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), "miroir-node-")) : null;
  const dataDir = options.dataDir ?? join(ownDirectory ?? "", "data");
  const extraArgs = options.extraArgs ?? [];

  let port = 0;
  let child: Bun.Subprocess | undefined;
  for (let attempt = 1; child === undefined; attempt += 1) {
    port = options.port ?? freePort();
    const candidate = spawnNode({ kind, port, masterKey, dataDir, extraArgs });
    if (await isHealthy(candidate, port)) child = candidate;
    else if (options.port !== undefined || attempt >= START_ATTEMPTS_MAX) {
      throw new TypeError(`a ${kind} node did not become healthy on port ${port}`);
    }
  }

  let current = child;
  const end = async (): Promise<void> => {
    signalProcess(current.pid, "SIGCONT");
    current.kill("SIGKILL");
    await current.exited;
  };
  return {
    kind,
    url: `http://127.0.0.1:${port}`,
    port,
    masterKey,
    get pid() {
      return current.pid;
    },
    kill: end,
    async restart() {
      await end();
      current = spawnNode({ kind, port, masterKey, dataDir, extraArgs });
      if (!(await isHealthy(current, port))) throw new TypeError(`a ${kind} node did not restart on port ${port}`);
    },
    async loseDisk() {
      await end();
      rmSync(dataDir, { recursive: true, force: true });
    },
    stall: () => signalProcess(current.pid, "SIGSTOP"),
    resume: () => signalProcess(current.pid, "SIGCONT"),
    async stop() {
      await end();
      rmSync(ownDirectory ?? dataDir, { recursive: true, force: true });
    },
  };
}

/** Several nodes with the same options, started together. Ports are only chosen by the nodes' own start. */
export async function startNodes(
  count: number,
  options: Omit<StartNodeOptions, "port" | "dataDir"> = {},
): Promise<TestNode[]> {
  return await Promise.all(Array.from({ length: count }, () => startNode(options)));
}

/** One request with the node's master key. A string or bytes are sent as they are, anything else as JSON. */
export async function nodeRequest(
  node: Pick<TestNode, "url" | "masterKey">,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<NodeAnswer> {
  const raw = typeof body === "string" || body instanceof Uint8Array;
  const response = await fetch(node.url + path, {
    method,
    headers: {
      "accept-encoding": "identity",
      ...(node.masterKey === "" ? {} : { authorization: `Bearer ${node.masterKey}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

/** Waits until the task is finished, whatever its outcome, and gives its view. Polls often at first, then slower. */
// oxlint-disable-next-line typescript/no-explicit-any
export async function waitForTask(node: Pick<TestNode, "url" | "masterKey">, taskUid: number): Promise<any> {
  const deadline = performance.now() + TASK_TIMEOUT_MS;
  for (let pause = POLL_FIRST_MS; performance.now() < deadline; pause = Math.min(pause * 1.5, POLL_MAX_MS)) {
    const { status, body } = await nodeRequest(node, "GET", `/tasks/${taskUid}`);
    if (status !== 200) throw new TypeError(`task ${taskUid} cannot be read: ${JSON.stringify(body)}`);
    if (body.status !== "enqueued" && body.status !== "processing") return body;
    await Bun.sleep(pause);
  }
  throw new TypeError(`task ${taskUid} did not finish in ${TASK_TIMEOUT_MS} ms`);
}

/** A request that enqueues a task, awaited to its end; a request that is refused throws with the answer. */
export async function runTask(
  node: Pick<TestNode, "url" | "masterKey">,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
  // oxlint-disable-next-line typescript/no-explicit-any
): Promise<any> {
  const answer = await nodeRequest(node, method, path, body, headers);
  if (answer.body?.taskUid === undefined) throw new TypeError(`${method} ${path} gave no task: ${answer.text}`);
  return await waitForTask(node, answer.body.taskUid);
}

interface SpawnOptions {
  readonly kind: NodeKind;
  readonly port: number;
  readonly masterKey: string;
  readonly dataDir: string;
  readonly extraArgs: readonly string[];
}

function spawnNode({ kind, port, masterKey, dataDir, extraArgs }: SpawnOptions): Bun.Subprocess {
  const key = masterKey === "" ? [] : ["--master-key", masterKey];
  const common = { stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const;
  const engine = [
    "--db-path",
    join(dataDir, "db"),
    "--dump-dir",
    join(dataDir, "dumps"),
    "--snapshot-dir",
    join(dataDir, "snapshots"),
    "--http-addr",
    `127.0.0.1:${port}`,
    "--no-analytics",
    // Each batch of documents begins by filling buffers of a twentieth of it, which by default is that of the machine.
    "--max-indexing-memory",
    "256MiB",
    "--log-level",
    "ERROR",
  ];
  const standIn = [join(import.meta.dir, "../../src/devnode/main.ts"), "--port", String(port), "--data-dir", dataDir];
  const command =
    kind === "meilisearch"
      ? [realEnginePath() ?? "meilisearch", ...engine, ...key, ...extraArgs]
      : [process.execPath, ...standIn, ...key, ...extraArgs];
  const child = Bun.spawn(command, { ...common, env: { ...process.env, NO_COLOR: "1" } });
  killAtExit(child);
  return child;
}

/** True as soon as the process answers on its port; false when it ends first or takes too long. */
async function isHealthy(child: Bun.Subprocess, port: number): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    const healthy = await fetch(`http://127.0.0.1:${port}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return child.exitCode === null && child.signalCode === null;
    await Bun.sleep(10);
  }
  return false;
}

function parsed(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
