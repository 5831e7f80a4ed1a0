/** Start-up and memory of the compiled executable: from spawn to the first answered request, and at rest. */
import { startMiroir } from "../tests/support/miroir.ts";
import { rssMb } from "./support/cpu.ts";

const STARTS = 7;
const SETTLE_MS = 3_000;
const POLL_MS = 1;

export async function benchStart(): Promise<Record<string, number>> {
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
      start_ms: Math.round(times.sort((a, b) => a - b)[Math.floor(STARTS / 2)] ?? 0),
      idle_rss_mb: Math.round(rssMb(miroir.pid)),
    };
  } finally {
    await miroir.stop();
  }
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  return answer?.status === 200;
}
