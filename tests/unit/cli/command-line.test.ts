/** How words become a command, and what is refused before it runs. */
import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { misuse } from "../../../src/cli/check-arguments.ts";
import type { CommandEntry } from "../../../src/cli/command.ts";
import { commandTree } from "../../../src/cli/commands.ts";
import { exitCodeMeanings } from "../../../src/cli/exit-codes.ts";
import { renderCommandHelp, renderGroupHelp } from "../../../src/cli/render-help.ts";
import { findCommand } from "../../../src/cli/run-command-line.ts";
import { assert } from "../../../src/core/assert.ts";

interface Leaf {
  readonly entry: CommandEntry;
  readonly path: readonly string[];
}

function leaves(entry: CommandEntry, path: readonly string[] = [entry.name]): Leaf[] {
  if (entry.children === undefined) return [{ entry, path }];
  return entry.children.flatMap((child) => leaves(child, [...path, child.name]));
}

describe("finding a command", () => {
  test.each([
    ["serve --port 1", "miroir serve", "--port 1"],
    ["ctl task list --limit 3", "miroir ctl task list", "--limit 3"],
    ["ctl tsk list", "miroir ctl", "tsk list"],
    ["", "miroir", ""],
  ])("%j leads to %j", (words, path, rest) => {
    const found = findCommand(words.split(" ").filter((word) => word !== ""));
    expect([found.path.join(" "), found.rest.join(" ")]).toEqual([path, rest]);
  });

  test("names are unique among siblings, and every entry is a leaf or a group", () => {
    const visit = (entry: CommandEntry): void => {
      expect((entry.load === undefined) !== (entry.children === undefined)).toBe(true);
      const names = (entry.children ?? []).map((child) => child.name);
      expect(new Set(names).size).toBe(names.length);
      for (const child of entry.children ?? []) visit(child);
    };
    visit(commandTree);
  });

  test("every command that the operators' page names is there", () => {
    const ctl = commandTree.children?.find((entry) => entry.name === "ctl")?.children?.map((entry) => entry.name) ?? [];
    const named =
      "status node rebalance reshard verify task dump alias canary ttl cdc shadow ui tenant explain index settings key recover top";
    expect(named.split(" ").filter((name) => !ctl.includes(name))).toEqual([]);
  });
});

describe("arguments", () => {
  const args: ArgsDef = {
    config: { type: "string", alias: "c" },
    json: { type: "boolean" },
    uid: { type: "positional" },
  };

  test.each([
    ["--config a --json x", null],
    ["-c a x", null],
    ["--config=a=b", null],
    ["--no-json", null],
    ["-- --odd", null],
    ["--confg a", "unknown option --confg. Did you mean --config?"],
    ["-x", "unknown option -x. Did you mean -c?"],
    ["--config", "option --config needs a value."],
    ["--config --json", "option --config needs a value."],
    ["--json=1", "option --json takes no value."],
    ["x y", "unexpected argument y."],
    ["-- x y", "unexpected argument y."],
  ])("%j: %p", (words, mistake) => {
    expect(misuse(args, words.split(" "))).toBe(mistake);
  });
});

describe("help", () => {
  test("every command says what it does and which exit codes it has, and shows an example", async () => {
    for (const { entry, path } of leaves(commandTree)) {
      assert(entry.load !== undefined, "a leaf has its code");
      const command = await entry.load();
      const help = renderCommandHelp(entry, command, path, 100);
      expect(help).toContain(`${entry.summary}.`);
      expect(help).toContain(`Usage: ${path.join(" ")}`);
      expect(help).toContain(`2  ${exitCodeMeanings[2]}`);
      const isLater = entry.summary.endsWith("(later version)");
      if (!isLater) expect(command.help.examples.length).toBeGreaterThan(0);
      for (const example of command.help.examples) expect(example.line).toContain(path.slice(0, 2).join(" "));
    }
  });

  test("examples are commands that are accepted", async () => {
    for (const { entry } of leaves(commandTree)) {
      const examples = (await entry.load?.())?.help.examples ?? [];
      for (const { line } of examples) {
        const words = /miroir ([^|>)]*)/.exec(line)?.[1]?.trim().split(/\s+/) ?? [];
        const found = findCommand(words);
        const target = await found.entry.load?.();
        assert(target !== undefined, `${line} names a command`);
        expect(misuse(target.args, found.rest)).toBeNull();
      }
    }
  });

  test("no line is wider than the terminal, as far as single words allow", async () => {
    for (const { entry, path } of leaves(commandTree)) {
      const command = await entry.load?.();
      assert(command !== undefined, "a leaf has its code");
      const prose = renderCommandHelp(
        entry,
        { ...command, args: {}, help: { ...command.help, examples: [] } },
        path,
        60,
      );
      expect(prose.split("\n").filter((line) => line.length > 60 && !line.startsWith("Usage"))).toEqual([]);
    }
  });

  test("hidden commands are not listed", () => {
    const help = renderGroupHelp(commandTree, ["miroir"], 80);
    expect(help).toContain("doctor");
    expect(help).not.toContain("dev-node");
  });
});
