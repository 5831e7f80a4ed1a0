/**
 * Start-up and memory of the compiled executable: from spawn to the first answered request, and at rest. Beside it what
 * the runtime alone costs on this machine at this moment: a compiled program that only listens.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMiroir } from "../tests/support/miroir.ts";
import { rssMb } from "./support/cpu.ts";

const STARTS = 7;
const SETTLE_MS = 3_000;
const POLL_MS = 1;

export async function benchStart(): Promise<Record<string, number>> {
  await build(["bun", "run", "build"]);
  const bareMs = await startBare();
  const miroir = await startMiroir({ nodes: 1, waitFor: "nothing" });
  try {
    const times: number[] = [];
    for (let start = 0; start < STARTS; start += 1) {
      await miroir.kill();
      const from = performance.now();
      await miroir.start();
      while (!(await answers(`${miroir.url}/health`))) await Bun.sleep(POLL_MS);
      times.push(performance.now() - from);
    }
    await Bun.sleep(SETTLE_MS);
    return {
      start_ms: Math.round(median(times)),
      start_bare_ms: Math.round(bareMs),
      idle_rss_mb: Math.round(rssMb(miroir.pid)),
    };
  } finally {
    await miroir.stop();
  }
}

const BARE = `const { port } = Bun.serve({ port: 0, fetch: () => new Response("") });
console.log(\`http://127.0.0.1:\${port}\`);`;

async function startBare(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "miroir-bench-"));
  try {
    const [source, program] = [join(directory, "bare.ts"), join(directory, "bare")];
    writeFileSync(source, BARE);
    const flags = ["--compile", "--minify", "--bytecode", "--format=esm"];
    await build([process.execPath, "build", ...flags, source, "--outfile", program]);
    const times: number[] = [];
    for (let start = 0; start < STARTS; start += 1) {
      const from = performance.now();
      const child = Bun.spawn([program], { stdout: "pipe" });
      const { value } = await child.stdout.getReader().read();
      await fetch(new TextDecoder().decode(value).trim());
      times.push(performance.now() - from);
      child.kill();
    }
    return median(times);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function build(command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], { stdout: "ignore", stderr: "ignore" });
  if ((await child.exited) !== 0) throw new TypeError(`this failed: ${command.join(" ")}`);
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  return answer?.status === 200;
}
