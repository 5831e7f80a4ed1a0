/**
 * The processes of the demo: nodes and one router, each a child of its own with its data in one temporary directory.
 * Whatever happens, `stop` ends them all and removes the directory.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "../core/assert.ts";
import { systemClock, systemRandom } from "../platform/system.ts";
import { demoFetch } from "./demo-client.ts";

export interface DemoNode {
  readonly id: string;
  readonly url: string;
  readonly child: Bun.Subprocess;
}

export interface DemoFleet {
  readonly engine: "meilisearch" | "development node";
  readonly nodes: readonly DemoNode[];
  readonly routerUrl: string;
  readonly masterKey: string;
  readonly adminKey: string;
  readonly configFile: string;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

export async function startDemoFleet(options: {
  nodes: number;
  port: number;
  engine: string | null;
}): Promise<DemoFleet> {
  const directory = mkdtempSync(join(tmpdir(), "miroir-demo-"));
  const masterKey = `demo-${systemRandom.uuidV4()}`;
  const adminKey = `admin-${systemRandom.uuidV4()}`;
  const children: Bun.Subprocess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map((child) => child.exited));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const nodes: DemoNode[] = [];
    for (let index = 0; index < options.nodes; index += 1) {
      const port = await freePort();
      const child = startNode(options.engine, port, masterKey, join(directory, `node-${index}`));
      children.push(child);
      nodes.push({ id: `node-${index}`, url: `http://127.0.0.1:${port}`, child });
    }
    await Promise.all(nodes.map((node) => answers(`${node.url}/health`, node.child, node.id)));

    const configFile = join(directory, "miroir.yaml");
    const port = await freePort(options.port);
    const metricsPort = await freePort();
    writeFileSync(configFile, configText({ directory, nodes, port, metricsPort, masterKey, adminKey }));
    const router = Bun.spawn([...ownCommand(), "serve", "--config", configFile], {
      stdin: "ignore",
      stdout: Bun.file(join(directory, "router.log")),
      stderr: "inherit",
    });
    children.push(router);
    const routerUrl = `http://127.0.0.1:${port}`;
    await answers(`${routerUrl}/_miroir/ready`, router, "the router");
    const engine = options.engine === null ? "development node" : "meilisearch";
    return { engine, nodes, routerUrl, masterKey, adminKey, configFile, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** How this very program is started again: the executable itself, or Bun with the script. */
function ownCommand(): string[] {
  const script = process.argv[1];
  assert(script !== undefined, "the program knows its own script");
  return script.startsWith("/$bunfs/") ? [process.execPath] : [process.execPath, script];
}

function startNode(engine: string | null, port: number, masterKey: string, directory: string): Bun.Subprocess {
  const command =
    engine === null
      ? [...ownCommand(), "dev-node", "--port", `${port}`, "--master-key", masterKey, "--data-dir", directory]
      : [
          engine,
          "--http-addr",
          `127.0.0.1:${port}`,
          "--master-key",
          masterKey,
          "--db-path",
          directory,
          "--no-analytics",
          "--max-indexing-memory",
          "256MiB",
          "--log-level",
          "warn",
          "--dump-dir",
          `${directory}-dumps`,
        ];
  return Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "ignore", cwd: tmpdir() });
}

async function answers(url: string, child: Bun.Subprocess, name: string): Promise<void> {
  const deadline = systemClock.monotonicMs() + START_TIMEOUT_MS;
  while (systemClock.monotonicMs() < deadline) {
    assert(child.exitCode === null, `${name} is still running (it ended with code ${child.exitCode})`);
    const answer = await demoFetch("GET", url).catch(() => undefined);
    if (answer?.status === 200) return;
    await systemClock.sleep(POLL_MS);
  }
  assert(false, `${name} answers at ${url} within ${START_TIMEOUT_MS} ms`);
}

function configText(facts: {
  directory: string;
  nodes: readonly DemoNode[];
  port: number;
  metricsPort: number;
  masterKey: string;
  adminKey: string;
}): string {
  const nodes = facts.nodes.map((node) => `    - { id: ${node.id}, address: "${node.url}", replica_group: 0 }`);
  return `# Written by \`miroir demo\`.
miroir:
  master_key: "${facts.masterKey}"
  node_master_key: "${facts.masterKey}"
  admin: { api_key: "${facts.adminKey}" }
  shards: 64
  replication_factor: ${Math.min(2, facts.nodes.length)}
  nodes:
${nodes.join("\n")}
  server: { bind: 127.0.0.1, port: ${facts.port} }
  metrics: { port: ${facts.metricsPort} }
  task_store: { path: "${join(facts.directory, "miroir.db")}" }
  hints: { path: "${join(facts.directory, "hints")}" }
  health: { interval_ms: 1000 }
`;
}

/** The real engine, if this machine has one: `MEILISEARCH_BIN`, else `meilisearch` on PATH. */
export function findEngine(named: string | undefined): string | null {
  if (named !== undefined && named !== "") {
    assert(existsSync(named), `MEILISEARCH_BIN names an existing file (it says ${named})`);
    return named;
  }
  return Bun.which("meilisearch");
}

/** The wanted port, or any free one where something, a Meilisearch perhaps, already listens on it. */
async function freePort(wanted = 0): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.once("error", (error) => (wanted === 0 ? reject(error) : resolve(freePort())));
  probe.listen(wanted, "127.0.0.1", () => {
    const address = probe.address();
    probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
  });
  return promise;
}
