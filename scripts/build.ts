/**
 * Makes `dist/miroir`: one executable with everything inside, for this machine or for `--target bun-linux-arm64` and the
 * like. It is built aside and moved into place, so that whoever runs the old one is not disturbed. Never strip the file:
 * the program is kept behind the runtime's own sections.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const OUT = join(ROOT, "dist");
/** What is loaded by its URL is not found by itself: it must be an entry of its own, else it is missing at run time. */
const ENTRIES = ["src/main.ts", "src/program.ts", "src/workers/worker.ts"];
const FLAGS = [
  "--compile",
  "--minify",
  "--bytecode",
  "--format=esm",
  "--sourcemap",
  // The executable must not run code or read values that happen to lie in the working directory.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

const targetAt = process.argv.indexOf("--target");
const target = targetAt === -1 ? null : (process.argv[targetAt + 1] ?? null);
const aside = join(OUT, `.building-${process.pid}`);
mkdirSync(aside, { recursive: true });
try {
  const code = await build();
  if (code === 0) moveIntoPlace();
  process.exitCode = code;
} finally {
  rmSync(aside, { recursive: true, force: true });
}

async function build(): Promise<number> {
  const define = `MIROIR_BUILD_COMMIT=${JSON.stringify(commit())}`;
  const cross = target === null ? [] : ["--target", target];
  const entries = ENTRIES.filter((entry) => existsSync(join(ROOT, entry)));
  const output = ["--outfile", join(aside, "miroir")];
  const command = [process.execPath, "build", ...FLAGS, "--define", define, ...cross, ...entries, ...output];
  const child = Bun.spawn(command, { cwd: ROOT, stdin: "ignore", stdout: "inherit", stderr: "inherit" });
  return child.exited;
}

function moveIntoPlace(): void {
  for (const name of readdirSync(aside)) renameSync(join(aside, name), join(OUT, name));
  const bytes = statSync(join(OUT, "miroir")).size;
  console.log(`dist/miroir, ${(bytes / 1e6).toFixed(1)} MB`);
}

/** Short commit, with a plus sign when files differ from it; empty outside of a repository. */
function commit(): string {
  const git = (...words: string[]): string | null => {
    if (Bun.which("git") === null) return null;
    const result = Bun.spawnSync(["git", ...words], { cwd: ROOT, stderr: "ignore" });
    return result.exitCode === 0 ? result.stdout.toString().trim() : null;
  };
  const head = git("rev-parse", "--short=12", "HEAD");
  if (head === null) return "";
  return git("status", "--porcelain", "--untracked-files=no", "--", "src") === "" ? head : `${head}+`;
}
