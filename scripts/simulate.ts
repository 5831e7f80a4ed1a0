/**
 * Runs the deterministic simulation of `tests/simulation`: `bun scripts/simulate.ts --seeds 100000` over all cores, or
 * `--seed 42 --trace` to watch one history. With `--log FILE` a long run can be stopped and started again, `--report FILE`
 * keeps what it came to. Seeds with a violation are printed and the exit code is then 1.
 */
import { parseArgs } from "node:util";
import { availableParallelism } from "node:os";
import { installLightPlatform } from "../tests/simulation/light-platform.ts";
import {
  dropOneHint,
  skipOneDelete,
  skipTombstones,
  swapTwoLaneEntries,
  sweepByKey,
} from "../tests/simulation/planted-defects.ts";
import { runSeed } from "../tests/simulation/run-seed.ts";
import type { OddsName } from "../tests/simulation/odds.ts";
import type { Plant } from "../tests/simulation/simulated-world.ts";
import { createProgress, writeReport } from "./simulation/progress.ts";
import { openRunLog } from "./simulation/run-log.ts";
import { addTo, noHistories, runRange, type SimulationTotals } from "./simulation/totals.ts";

const PLANTS: Readonly<Record<string, Plant>> = {
  "drop-one-hint": dropOneHint,
  "swap-two-lane-entries": swapTwoLaneEntries,
  "skip-one-delete": skipOneDelete,
  "skip-tombstones": skipTombstones,
  "sweep-by-key": sweepByKey,
};
/** Seeds that one process runs before it is replaced, so that its memory stays small. */
const SEEDS_PER_PROCESS = 5_000;
const FAILURES_SHOWN_MAX = 3;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "1000" },
    processes: { type: "string", default: String(availableParallelism()) },
    /** Ends after so long, whatever is left of the seeds. */
    seconds: { type: "string", default: "1000000" },
    /** One line per part that is complete; parts that are in it are not run again. */
    log: { type: "string" },
    /** One JSON object: commit, range, sums, and every violation. */
    report: { type: "string" },
    plant: { type: "string" },
    /** Replicas are not compared at the end, so that nothing mends what was planted. */
    "no-compare": { type: "boolean", default: false },
    /** Nobody changes settings, or the names of indexes, while things go wrong. */
    "no-settings": { type: "boolean", default: false },
    /** Documents may expire. Their histories are others than without. */
    expiry: { type: "boolean", default: false },
    /** More faults and changes of settings, names and indexes in each, so that they meet more often. */
    dense: { type: "boolean", default: false },
    /** The first second of a fleet, with as many changes: before anything has been kept, and while indexes are being made. */
    early: { type: "boolean", default: false },
    /** Only violations of these rules count, for example `R2`. */
    rules: { type: "string", default: "R" },
    /** Stop at the first violation: for a planted defect. */
    first: { type: "boolean", default: false },
    /** One history on the light platform, as it is when many are run. */
    light: { type: "boolean", default: false },
    /** Runs here and prints one line of JSON. */
    worker: { type: "boolean", default: false },
  },
});

const startedMs = performance.now();
const untilMs = startedMs + Number(values.seconds) * 1_000;
const compares = !values["no-compare"];
const changesSettings = !values["no-settings"];
const expires = values.expiry;
const odds: OddsName = values.early ? "early" : values.dense ? "dense" : "usual";

if (values.seed !== undefined) {
  if (values.light) installLightPlatform();
  const seen = values.trace ? { trace: (line: string) => console.log(line) } : {};
  const result = runSeed(Number(values.seed), { ...seen, ...planted(), compares, changesSettings, expires, odds });
  console.log(`seed ${result.seed}: ${result.layout}, ${result.steps} events, ${result.violations.length} violations`);
  for (const violation of result.violations) console.log(violation);
  process.exitCode = result.violations.length === 0 ? 0 : 1;
} else if (values.worker) {
  installLightPlatform();
  const { rules, first } = values;
  const range = { ...planted(), compares, changesSettings, expires, odds, rules, first, untilMs };
  console.log(JSON.stringify(runRange(Number(values.from), Number(values.seeds), range)));
} else {
  const totals = await runEverywhere(Number(values.from), Number(values.seeds), Number(values.processes));
  const seconds = (performance.now() - startedMs) / 1_000;
  const { failures, ...counts } = totals;
  console.log(JSON.stringify({ ...counts, violated: failures.length, seconds: Math.round(seconds) }));
  if (failures.length > 0) console.log(`violated: ${failures.map(({ seed }) => seed).join(" ")}`);
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

async function runEverywhere(from: number, seeds: number, processes: number): Promise<SimulationTotals> {
  const totals = noHistories();
  const progress = createProgress(seeds, () => performance.now());
  const commit = await commitOf();
  const log = values.log === undefined ? undefined : openRunLog(values.log, await sourceOf());
  const part = log === undefined ? Math.min(SEEDS_PER_PROCESS, Math.ceil(seeds / processes)) : SEEDS_PER_PROCESS;
  let next = from;
  const end = from + seeds;
  const lane = async (): Promise<void> => {
    while (next < end && performance.now() < untilMs && !(values.first && totals.failures.length > 0)) {
      const start = next;
      const count = Math.min(part, end - start);
      next += count;
      const known = log?.partOf(start, count)?.totals;
      const more = known ?? (await runWorker(start, count));
      if (known === undefined) log?.append(start, count, more);
      addTo(totals, more);
      totals.failures.sort((a, b) => a.seed - b.seed);
      progress.note(totals);
      const seconds = Math.round((performance.now() - startedMs) / 1_000);
      if (values.report !== undefined) writeReport(values.report, { commit, from, seeds, seconds, ...totals });
    }
  };
  await Promise.all(Array.from({ length: processes }, lane));
  return totals;
}

async function runWorker(from: number, seeds: number): Promise<SimulationTotals> {
  const options = ["--worker", "--from", String(from), "--seeds", String(seeds)];
  if (values.plant !== undefined) options.push("--plant", values.plant);
  if (values["no-compare"]) options.push("--no-compare");
  if (values["no-settings"]) options.push("--no-settings");
  if (values.expiry) options.push("--expiry");
  if (odds !== "usual") options.push(`--${odds}`);
  options.push("--rules", values.rules, "--seconds", String((untilMs - performance.now()) / 1_000));
  if (values.first) options.push("--first");
  const child = Bun.spawn([process.execPath, import.meta.path, ...options], { stdout: "pipe", stderr: "inherit" });
  const text = await child.stdout.text();
  const code = await child.exited;
  if (code !== 0) throw new TypeError(`the seeds from ${from} on ended with exit code ${code}`);
  return JSON.parse(text) as SimulationTotals;
}

async function commitOf(): Promise<string> {
  return gitSays("describe", "--always", "--abbrev=12", "--dirty");
}

/** What histories depend on, as committed, and the options: a log holds also when words elsewhere have changed since. */
async function sourceOf(): Promise<string> {
  const trees = await gitSays("ls-tree", "HEAD", "src", "migrations", "tests/simulation");
  const changed = await gitSays("status", "--porcelain", "--", "src", "migrations", "tests/simulation");
  const options = JSON.stringify([compares, changesSettings, expires, odds, values.plant, values.rules]);
  const name = new Bun.CryptoHasher("sha256").update(`${trees}\n${options}`).digest("hex").slice(0, 12);
  return changed === "" ? name : `${name}-dirty`;
}

async function gitSays(...words: readonly string[]): Promise<string> {
  const child = Bun.spawn(["git", ...words], { stdout: "pipe" });
  return (await child.stdout.text()).trim();
}
