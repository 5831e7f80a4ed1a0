/**
 * Runs everything that must hold (types, lint, format, the build, `bun test`) and closes with `N passed, N failed`.
 * A run that ends without the runner's own summary counts as failed: code under test may have ended the process.
 * The simulated histories use all cores by themselves, so they are run before everything else and not beside it.
 */

interface Tally {
  passed: number;
  failed: number;
}

/** Enough of the runner's output to find its closing lines. */
const TAIL_CHARS = 65_536;
const SIMULATION = "tests/simulation";

const tally: Tally = { passed: 0, failed: 0 };
const selected = process.argv.slice(2);

if (selected.length === 0) {
  await check("types", ["bun", "run", "check"]);
  await check("lint", ["bun", "run", "lint"]);
  await check("format", ["bun", "run", "fmt:check"]);
}
await check("build", ["bun", "run", "build"]);
if (selected.length === 0) {
  await runTests([SIMULATION]);
  await runTests([`--path-ignore-patterns=${SIMULATION}/**`]);
} else await runTests(selected);

console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;

async function check(name: string, command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "pipe", stdin: "ignore" });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const ok = (await child.exited) === 0;
  tally[ok ? "passed" : "failed"] += 1;
  console.log(`${ok ? "(pass)" : "(fail)"} ${name}`);
  if (!ok) console.log(out + err);
}

async function runTests(args: readonly string[]): Promise<void> {
  const child = Bun.spawn(["bun", "test", "--parallel=2", "--timeout=60000", ...args], {
    stdout: "inherit",
    stderr: "pipe",
    stdin: "ignore",
  });
  let tail = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stderr) {
    process.stderr.write(chunk);
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-TAIL_CHARS);
  }
  const code = await child.exited;
  const passed = lastCount(tail, "pass");
  const failed = lastCount(tail, "fail");
  if (passed === null || failed === null) {
    console.log("The test runner ended without a summary.");
    tally.failed += 1;
    return;
  }
  tally.passed += passed;
  tally.failed += code !== 0 && failed === 0 ? 1 : failed;
}

/** The number in the last line of the form ` 12 pass`; null when there is none. */
function lastCount(text: string, word: string): number | null {
  const plain = Bun.stripANSI(text);
  const match = [...plain.matchAll(new RegExp(`^ *(\\d+) ${word}$`, "gm"))].at(-1);
  return match?.[1] === undefined ? null : Number(match[1]);
}
