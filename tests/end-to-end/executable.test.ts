/**
 * The compiled executable, run from an empty directory with an empty environment: everything it needs is inside, and
 * nothing of the machine that built it is looked for.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version } from "../../package.json";
import { assert } from "../../src/core/assert.ts";

const ROOT = join(import.meta.dir, "..", "..");
const EXECUTABLE = join(ROOT, "dist", "miroir");
const BUILD_TIMEOUT_MS = 120_000;

let directory = "";

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "miroir-executable-"));
  if (!isFresh()) {
    const build = Bun.spawn([process.execPath, "scripts/build.ts"], { cwd: ROOT, stdout: "pipe", stderr: "pipe" });
    const output = (await build.stdout.text()) + (await build.stderr.text());
    assert((await build.exited) === 0, `the build succeeds; it said:\n${output}`);
  }
}, BUILD_TIMEOUT_MS);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Newer than every source file. */
function isFresh(): boolean {
  if (!existsSync(EXECUTABLE)) return false;
  const builtMs = statSync(EXECUTABLE).mtimeMs;
  return ["src", "migrations", "package.json"].every((name) => newestMs(join(ROOT, name)) <= builtMs);
}

function newestMs(path: string): number {
  if (!existsSync(path)) return 0;
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function miroir(...words: string[]): Promise<Ran> {
  const child = Bun.spawn([EXECUTABLE, ...words], { cwd: directory, env: {}, stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, out, err };
}

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return name;
}

describe("the executable", () => {
  test("knows its version and its commit", async () => {
    expect(await miroir("version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
    expect((await miroir("--version")).out).toBe(`${version}\n`);
    const { out } = await miroir("version", "--json");
    expect(JSON.parse(out)).toMatchObject({ version, runtime: `bun ${Bun.version}`, platform: process.platform });
  });

  test("helps at every level", async () => {
    for (const words of [["--help"], ["help"], ["ctl", "--help"], ["help", "ctl", "task"], ["serve", "-h"]]) {
      const { code, out, err } = await miroir(...words);
      expect([code, err, out.includes("Usage: miroir")]).toEqual([0, "", true]);
    }
    const bare = await miroir();
    expect([bare.code, bare.out, bare.err.includes("Usage: miroir")]).toEqual([2, "", true]);
  });

  test("refuses unknown commands and options with exit code 2 and the nearest known name", async () => {
    const command = await miroir("serv");
    expect([command.code, command.err.includes("Did you mean serve?")]).toEqual([2, true]);
    const option = await miroir("serve", "--prot", "1");
    expect([option.code, option.err.includes("Did you mean --port?")]).toEqual([2, true]);
  });

  test("reports a wrong configuration with file and line, all at once, and starts nothing", async () => {
    const name = file("wrong.yaml", "miroir:\n  shards: x\n  sever: { port: 1 }\n  nodes: [{ id: a }]\n");
    for (const command of [["config", "check"], ["serve"], ["doctor"]]) {
      const { code, out, err } = await miroir(...command, "--config", name);
      expect([code, out]).toEqual([3, ""]);
      expect(err.split("\n").slice(0, 3)).toEqual([
        'wrong.yaml:2:3: shards: It must be a whole number from 1 to 65536, not "x".',
        "wrong.yaml:3:3: sever: Unknown key. Did you mean server?",
        expect.stringContaining("wrong.yaml:4:11: nodes[0].address: This field is missing"),
      ]);
    }
  });

  test("checks a configuration and names what has no effect yet", async () => {
    const name = file("good.yaml", 'miroir:\n  nodes: [{ id: a, address: "http://a:1" }]\n  cdc: { enabled: true }\n');
    const { code, out } = await miroir("config", "check", "-c", name);
    expect([code, out.startsWith("The configuration is valid")]).toEqual([0, true]);
    expect(out).toContain("cdc.enabled (good.yaml:3:10) is not in this version");
    const json = JSON.parse((await miroir("config", "check", "-c", name, "--json")).out) as Record<string, unknown>;
    expect(json).toMatchObject({ valid: true, not_in_this_version: { set: [{ path: "cdc.enabled", changed: true }] } });
  });

  test("prints the configuration in effect without its secrets", async () => {
    const name = file(
      "secret.yaml",
      'miroir:\n  master_key: tell-nobody-0123\n  nodes: [{ id: a, address: "http://a:1" }]\n',
    );
    const { code, out, err } = await miroir("config", "print", "-c", name, "--set", "shards=12");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("shards: 12 # flag --set shards");
    expect(out).not.toContain("tell-nobody");
  });

  test("prints the whole schema, also into a pipe that is read late", async () => {
    const child = Bun.spawn(["sh", "-c", `"${EXECUTABLE}" config schema | (read -r first; cat)`], {
      cwd: directory,
      env: { PATH: process.env["PATH"] },
      stdout: "pipe",
    });
    const rest = await child.stdout.text();
    expect(JSON.parse(`{${rest}`)).toHaveProperty(["properties", "miroir", "properties", "server"]);
  });

  test("is not disturbed by a reader that goes away", async () => {
    const script = `{ "${EXECUTABLE}" config schema; echo "code $?" >&2; } | head -c 1`;
    const child = Bun.spawn(["sh", "-c", script], {
      cwd: directory,
      env: { PATH: process.env["PATH"] },
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(await child.stderr.text()).toBe("code 0\n");
  });

  test("completes for three shells", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, out } = await miroir("completions", shell);
      expect([code, out.includes("topology")]).toEqual([0, true]);
    }
    expect((await miroir("completions", "cmd")).code).toBe(2);
  });

  test("does not read values or code that lie in the working directory", async () => {
    const trap = join(directory, "trap");
    mkdirSync(trap);
    writeFileSync(join(trap, ".env"), "MIROIR_SHARDS=77\n");
    writeFileSync(join(trap, "bunfig.toml"), 'preload = ["./preload.ts"]\n');
    writeFileSync(join(trap, "preload.ts"), 'console.log("preloaded");\n');
    const child = Bun.spawn([EXECUTABLE, "config", "print", "--json"], {
      cwd: trap,
      env: {},
      stdout: "pipe",
      stderr: "ignore",
    });
    const out = await child.stdout.text();
    expect((JSON.parse(out) as { miroir: { shards: number } }).miroir.shards).toBe(64);
  });
});
