/**
 * Runs the deterministic simulation of `tests/simulation`: `bun scripts/simulate.ts --seeds 100000` over all cores, or
 * `--seed 42 --trace` to watch one history. A seed with a violation is printed and the exit code is then 1.
 */
import { parseArgs } from "node:util";
import { availableParallelism } from "node:os";
import { dropOneHint, skipOneDelete, skipTombstones, swapTwoLaneEntries } from "../tests/simulation/planted-defects.ts";
import { runSeed } from "../tests/simulation/run-seed.ts";
import type { Plant } from "../tests/simulation/simulated-world.ts";

const PLANTS: Readonly<Record<string, Plant>> = {
  "drop-one-hint": dropOneHint,
  "swap-two-lane-entries": swapTwoLaneEntries,
  "skip-one-delete": skipOneDelete,
  "skip-tombstones": skipTombstones,
};
/** Seeds that one process runs before it is replaced, so that its memory stays small. */
const SEEDS_PER_PROCESS = 5_000;
const FAILURES_SHOWN_MAX = 3;
const startedMs = performance.now();

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "1000" },
    processes: { type: "string", default: String(availableParallelism()) },
    /** Ends after so long, whatever is left of the seeds. */
    seconds: { type: "string", default: "1000000" },
    plant: { type: "string" },
    /** Replicas are not compared at the end, so that nothing mends what was planted. */
    "no-compare": { type: "boolean", default: false },
    /** Only violations of these rules count, for example `R2`. */
    rules: { type: "string", default: "R" },
    /** Stop at the first violation: for a planted defect. */
    first: { type: "boolean", default: false },
    /** Runs here and prints one line of JSON. */
    worker: { type: "boolean", default: false },
  },
});

export interface SimulationTotals {
  histories: number;
  events: number;
  simulatedMs: number;
  writes: number;
  acknowledged: number;
  reads: number;
  failures: { readonly seed: number; readonly layout: string; readonly violations: readonly string[] }[];
}

if (values.seed !== undefined) {
  const seen = values.trace ? { trace: (line: string) => console.log(line) } : {};
  const result = runSeed(Number(values.seed), { ...seen, ...planted(), compares: !values["no-compare"] });
  console.log(`seed ${result.seed}: ${result.layout}, ${result.steps} events, ${result.violations.length} violations`);
  for (const violation of result.violations) console.log(violation);
  process.exitCode = result.violations.length === 0 ? 0 : 1;
} else if (values.worker) {
  console.log(JSON.stringify(runRange(Number(values.from), Number(values.seeds))));
} else {
  const totals = await runEverywhere(Number(values.from), Number(values.seeds), Number(values.processes));
  const seconds = (performance.now() - startedMs) / 1_000;
  const { failures, ...counts } = totals;
  console.log(JSON.stringify({ ...counts, violated: failures.length, seconds: Math.round(seconds) }));
  for (const { seed, layout, violations } of failures.slice(0, FAILURES_SHOWN_MAX)) {
    console.log(`seed ${seed} (${layout}); again with: bun scripts/simulate.ts --seed ${seed} --trace`);
    for (const violation of violations) console.log(violation);
  }
  process.exitCode = failures.length === 0 ? 0 : 1;
}

function planted(): { readonly plant?: Plant } {
  if (values.plant === undefined) return {};
  const plant = PLANTS[values.plant];
  if (plant === undefined) throw new TypeError(`there is no defect ${values.plant}: ${Object.keys(PLANTS).join(", ")}`);
  return { plant };
}

function secondsLeft(): number {
  return Number(values.seconds) - (performance.now() - startedMs) / 1_000;
}

function none(): SimulationTotals {
  return { histories: 0, events: 0, simulatedMs: 0, writes: 0, acknowledged: 0, reads: 0, failures: [] };
}

function runRange(from: number, seeds: number): SimulationTotals {
  const totals = none();
  for (let seed = from; seed < from + seeds && secondsLeft() > 0; seed += 1) {
    const result = runSeed(seed, { ...planted(), compares: !values["no-compare"] });
    totals.histories += 1;
    totals.events += result.steps;
    totals.simulatedMs += result.simulatedMs;
    totals.writes += result.writes;
    totals.acknowledged += result.acknowledged;
    totals.reads += result.reads;
    const violations = result.violations.filter((one) => one.startsWith(values.rules));
    if (violations.length === 0) continue;
    const { layout } = result;
    totals.failures.push({ seed, layout, violations });
    if (values.first) break;
  }
  return totals;
}

async function runEverywhere(from: number, seeds: number, processes: number): Promise<SimulationTotals> {
  const totals = none();
  const chunk = Math.max(1, Math.min(SEEDS_PER_PROCESS, Math.ceil(seeds / processes)));
  let next = from;
  const end = from + seeds;
  const lane = async (): Promise<void> => {
    while (next < end && secondsLeft() > 0 && !(values.first && totals.failures.length > 0)) {
      const start = next;
      next += chunk;
      add(totals, await runWorker(start, Math.min(chunk, end - start)));
    }
  };
  await Promise.all(Array.from({ length: processes }, lane));
  totals.failures.sort((a, b) => a.seed - b.seed);
  return totals;
}

function add(totals: SimulationTotals, more: SimulationTotals): void {
  totals.histories += more.histories;
  totals.events += more.events;
  totals.simulatedMs += more.simulatedMs;
  totals.writes += more.writes;
  totals.acknowledged += more.acknowledged;
  totals.reads += more.reads;
  totals.failures.push(...more.failures);
}

async function runWorker(from: number, seeds: number): Promise<SimulationTotals> {
  const options = ["--worker", "--from", String(from), "--seeds", String(seeds)];
  if (values.plant !== undefined) options.push("--plant", values.plant);
  if (values["no-compare"]) options.push("--no-compare");
  options.push("--rules", values.rules, "--seconds", String(secondsLeft()));
  if (values.first) options.push("--first");
  const child = Bun.spawn([process.execPath, import.meta.path, ...options], { stdout: "pipe", stderr: "inherit" });
  const text = await child.stdout.text();
  const code = await child.exited;
  if (code !== 0) throw new TypeError(`the seeds from ${from} on ended with exit code ${code}`);
  return JSON.parse(text) as SimulationTotals;
}
