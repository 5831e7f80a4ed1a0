/**
 * The real services on a simulated clock, network and fleet, under faults drawn from a seed. A failing seed is printed;
 * `bun scripts/simulate.ts --seed N --trace` shows its history again, event by event.
 */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { runSeed } from "./run-seed.ts";

const SCRIPT = join(import.meta.dir, "..", "..", "scripts", "simulate.ts");
const SEEDS = Number(process.env["MIROIR_SIMULATION_SEEDS"] ?? 2_000);
const FROM = Number(process.env["MIROIR_SIMULATION_FROM"] ?? 1);
const PLANT_SEEDS = 1_000;

interface Run {
  readonly code: number;
  readonly text: string;
  readonly totals: { readonly histories: number; readonly acknowledged: number; readonly violated: number };
}

async function simulate(...options: string[]): Promise<Run> {
  const child = Bun.spawn([process.execPath, SCRIPT, ...options], { stdout: "pipe", stderr: "inherit" });
  const text = await child.stdout.text();
  const code = await child.exited;
  return { code, text, totals: JSON.parse(text.slice(0, text.indexOf("\n"))) as Run["totals"] };
}

test("the same seed gives the same history", () => {
  const history = (seed: number): string => {
    const lines: string[] = [];
    runSeed(seed, { trace: (line) => void lines.push(line) });
    return lines.join("\n");
  };
  for (const seed of [3, 17, 58]) {
    const first = history(seed);
    expect(first.length).toBeGreaterThan(1_000);
    expect(history(seed)).toBe(first);
  }
});

test(`in ${SEEDS} histories nothing acknowledged is lost, revived, doubled or out of order`, async () => {
  const { text, totals } = await simulate("--from", String(FROM), "--seeds", String(SEEDS));
  expect(totals.violated, text).toBe(0);
  expect(totals.histories).toBe(SEEDS);
  // Histories in which hardly anything is acknowledged would prove nothing.
  expect(totals.acknowledged).toBeGreaterThan(SEEDS * 8);
}, 600_000);

for (const plant of ["drop-one-hint", "swap-two-lane-entries", "skip-one-delete"]) {
  test(`a planted defect is found within ${PLANT_SEEDS} histories: ${plant}`, async () => {
    const { code, totals } = await simulate("--plant", plant, "--first", "--seeds", String(PLANT_SEEDS));
    expect(totals.violated).toBeGreaterThan(0);
    expect(code).toBe(1);
  }, 600_000);
}
