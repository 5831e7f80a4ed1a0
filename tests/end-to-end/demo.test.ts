/** The README's first command does what it says, with whatever nodes this machine has. */
import { expect, test } from "bun:test";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..", "..");

for (const engine of ["development nodes", "the engine this machine has"]) {
  test(`demo --once with ${engine} shows the same hits after a node was killed and exits with 0`, async () => {
    const path = engine === "development nodes" ? withoutEngine(process.env["PATH"] ?? "") : process.env["PATH"];
    const child = Bun.spawn([process.execPath, join(ROOT, "src", "main.ts"), "demo", "--once"], {
      env: { ...process.env, PATH: path, ...(engine === "development nodes" ? { MEILISEARCH_BIN: "" } : {}) },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    expect(err).toBe("");
    expect(out).toContain("The answer is the same, hit for hit");
    expect(await child.exited).toBe(0);
  });
}

function withoutEngine(path: string): string {
  return path
    .split(":")
    .filter((folder) => Bun.which("meilisearch", { PATH: folder }) === null)
    .join(":");
}
