/** Completion scripts: the shells accept them, and they complete what the commands know. */
import { describe, expect, test } from "bun:test";
import { completionScript } from "../../../src/cli/completions.ts";

const bash = await completionScript("bash");

/** What bash would offer after these words. */
function complete(...words: string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _miroir; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const result = Bun.spawnSync(["bash", "-c", `${bash}\n${ask}`]);
  expect(result.stderr.toString()).toBe("");
  return result.stdout.toString().trim().split("\n");
}

describe("bash", () => {
  test("completes commands at every level", () => {
    expect(complete("miroir", "s")).toEqual(["serve"]);
    expect(complete("miroir", "ctl", "task", "")).toEqual(["list", "get", "--help"]);
    expect(complete("miroir", "completions", "")).toEqual(["bash", "zsh", "fish", "--help"]);
  });

  test("completes options of the command at hand", () => {
    expect(complete("miroir", "serve", "--log")).toEqual(["--log-level", "--log-format"]);
    expect(complete("miroir", "serve", "-c", "x", "--port", "1", "--met")).toEqual([
      "--metrics-port",
      "--metrics-bind",
    ]);
  });

  test("completes values of an option that has a closed list", () => {
    expect(complete("miroir", "serve", "--log-level", "")).toEqual(["debug", "info", "warn", "error"]);
  });

  test("does not offer hidden commands", () => {
    expect(complete("miroir", "dev")).toEqual([""]);
  });
});

describe.each(["zsh", "fish"] as const)("%s", (shell) => {
  test.skipIf(Bun.which(shell) === null)("accepts the script", async () => {
    const script = await completionScript(shell);
    const result = Bun.spawnSync([shell, "-n", "-c", script]);
    expect(result.stderr.toString()).toBe("");
  });

  test("is told about every command", async () => {
    const script = await completionScript(shell);
    for (const name of ["serve", "topology", "task", "schema", "--log-level"]) {
      expect(script).toContain(name.replace(/^--/, shell === "fish" ? "-l " : "--"));
    }
    expect(script).not.toContain("dev-node");
  });
});
