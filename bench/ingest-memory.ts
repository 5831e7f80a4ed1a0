/**
 * What one large batch costs the compiled router in memory: the peak of its resident memory while the batch is written,
 * less what it held at rest, as a multiple of the batch. For one copy of every document and for two with different
 * owners; with documents of a kilobyte, as JSON and as NDJSON.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { startMiroir, type TestMiroir } from "../tests/support/miroir.ts";
import type { TestNode } from "../tests/support/nodes.ts";
import { rssMb } from "./support/cpu.ts";

const BATCH_MB = 100;
const NODES = 3;
const SETTLE_MS = 500;

export async function benchIngestMemory(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const replicationFactor of [1, 2]) {
    for (const format of ["json", "ndjson"] as const) {
      const { multiple, ms } = await measureIngest(replicationFactor, format, BATCH_MB);
      figures[`ingest_rf${replicationFactor}_${format}_peak_x_body`] = multiple;
      figures[`ingest_rf${replicationFactor}_${format}_ms`] = ms;
    }
  }
  return figures;
}

/** `multiple`: peak less rest, over the size of the batch. */
export async function measureIngest(
  replicationFactor: number,
  format: "json" | "ndjson",
  batchMb: number,
): Promise<{ readonly multiple: number; readonly ms: number }> {
  const sinks = await Promise.all(Array.from({ length: NODES }, spawnSink));
  const miroir = await startMiroir({
    use: sinks.map(({ url }) => asNode(url)),
    replicationFactor,
    bodyBytesMax: batchMb * 1_100_000,
  });
  try {
    await miroir.write("POST", "/indexes", { uid: "bench", primaryKey: "id" });
    await Bun.sleep(SETTLE_MS);
    const restMb = rssMb(miroir.pid);
    resetPeak(miroir.pid);
    const from = performance.now();
    await send(miroir, batch(format, batchMb), format === "json" ? "application/json" : "application/x-ndjson");
    const ms = Math.round(performance.now() - from);
    const multiple = Math.round(((peakMb(miroir.pid) - restMb) / (batchMb * MEBIBYTES)) * 100) / 100;
    return { multiple, ms };
  } finally {
    await miroir.stop();
    for (const { child } of sinks) child.kill();
  }
}

const MEBIBYTES = 1_000_000 / 1_048_576;

async function send(miroir: TestMiroir, body: Uint8Array, contentType: string): Promise<void> {
  const answer = await miroir.request("POST", "/indexes/bench/documents", body, { "content-type": contentType });
  if (answer.status !== 202) throw new TypeError(`the batch was answered with ${answer.status}: ${answer.text}`);
}

function batch(format: "json" | "ndjson", batchMb: number): Uint8Array {
  const filler = "lorem ipsum dolor sit amet ".repeat(36);
  const lines: string[] = [];
  for (let bytes = 0, id = 0; bytes < batchMb * 1_000_000; id += 1) {
    const line = JSON.stringify({ id, title: `entry ${id}`, text: filler });
    bytes += line.length + 1;
    lines.push(line);
  }
  return Buffer.from(format === "json" ? `[${lines.join(",")}]` : lines.join("\n"));
}

async function spawnSink(): Promise<{ readonly url: string; readonly child: Bun.Subprocess }> {
  const child = Bun.spawn([process.execPath, "bench/support/sink-node.ts"], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  return { url: new TextDecoder().decode(value).trim(), child };
}

function asNode(url: string): TestNode {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    kind: "devnode",
    url,
    port: Number(new URL(url).port),
    masterKey: "bench-master-key-0123456789",
    pid: -1,
    kill: nothing,
    restart: nothing,
    loseDisk: nothing,
    stall: () => {},
    resume: () => {},
    stop: nothing,
  };
}

/** The highest resident memory since `resetPeak`, in mebibytes. */
function peakMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
}

function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}
