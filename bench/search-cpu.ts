/**
 * Router CPU per search over three nodes, 20 hits, about 19 KB per node, against the bare loop in the same run. Both
 * ask the same front, which answers from memory; the load comes from this process.
 */
import { startMiroir } from "../tests/support/miroir.ts";
import { startNodes, type TestNode } from "../tests/support/nodes.ts";
import { cpuMs } from "./support/cpu.ts";

const WARM_UP = 1_500;
const REQUESTS = 6_000;
const CONCURRENCY = 16;
/** Alternating rounds, so that a noisy neighbour hits both sides alike. */
const ROUNDS = 3;
const DOCUMENTS = 300;
const SEARCH = { q: "mountain", limit: 20 };

export async function benchSearchCpu(): Promise<Record<string, number>> {
  const nodes = await startNodes(3);
  const front = await spawnPrinting(["bench/support/front.ts", ...nodes.map((node) => node.url)]);
  const urls = JSON.parse(front.line) as string[];
  const miroir = await startMiroir({
    use: nodes.map((node, index): TestNode => ({ ...node, url: urls[index] ?? "" })),
  });
  const own: Bun.Subprocess[] = [front.child];
  try {
    await miroir.write("POST", "/indexes", { uid: "bench", primaryKey: "id" });
    await miroir.write("POST", "/indexes/bench/documents", documents());
    const nodeBody = JSON.stringify({ ...SEARCH, showRankingScoreDetails: true });
    const bare = await spawnPrinting([
      "bench/support/bare-loop.ts",
      miroir.masterKey,
      nodeBody,
      ...urls.map((url) => `${url}/indexes/bench/search`),
    ]);
    own.push(bare.child);
    const router = { pid: miroir.pid, url: `${miroir.url}/indexes/bench/search`, key: miroir.masterKey };
    const loop = { pid: bare.child.pid, url: bare.line, key: "" };
    await load(router, WARM_UP);
    await load(loop, WARM_UP);
    const routerUs: number[] = [];
    const bareUs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      routerUs.push(await measure(router));
      bareUs.push(await measure(loop));
    }
    const answer = await fetch(`${urls[0]}/indexes/bench/search`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${miroir.masterKey}` },
      body: nodeBody,
    });
    return {
      node_answer_kb: round1((await answer.text()).length / 1_000),
      search_cpu_us: round1(median(routerUs)),
      bare_cpu_us: round1(median(bareUs)),
      search_cpu_vs_bare: Math.round((median(routerUs) / median(bareUs)) * 100) / 100,
    };
  } finally {
    for (const child of own) child.kill();
    await miroir.stop();
    await Promise.all(nodes.map((node) => node.stop()));
  }
}

interface Measured {
  readonly pid: number;
  readonly url: string;
  readonly key: string;
}

async function measure(target: Measured): Promise<number> {
  const before = cpuMs(target.pid);
  await load(target, REQUESTS);
  return ((cpuMs(target.pid) - before) * 1_000) / REQUESTS;
}

async function load(target: Measured, requests: number): Promise<void> {
  let left = requests;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const answer = await fetch(target.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${target.key}`,
          "accept-encoding": "identity",
        },
        body: JSON.stringify(SEARCH),
      });
      if (answer.status !== 200) throw new TypeError(`a search was answered with ${answer.status}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
}

/** 20 hits of about 950 bytes make the 19 KB of the measure. */
function documents(): unknown[] {
  const sentence = "A mountain road bends around the old observatory and falls towards the sea. ";
  return Array.from({ length: DOCUMENTS }, (_unused, id) => ({
    id,
    title: `Mountain road ${id}`,
    body: sentence.repeat(5) + `Stage ${id}.`,
    tags: ["road", "sea", `stage-${id % 7}`],
    length: id * 1.5,
  }));
}

async function spawnPrinting(script: readonly string[]): Promise<{ child: Bun.Subprocess; line: string }> {
  const child = Bun.spawn([process.execPath, ...script], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return { child, line: new TextDecoder().decode(value).trim() };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
