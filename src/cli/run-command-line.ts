/**
 * From the words of the command line to an exit code: finds the command, answers `--help` and `--version`, refuses what
 * the command does not know, runs it. Nothing here ends the process.
 */
import { runCommand } from "citty";
import { didYouMean } from "../config/suggest.ts";
import type { Command, CommandEntry } from "./command.ts";
import { commandTree } from "./commands.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printError, terminalWidth } from "./print.ts";
import { renderCommandHelp, renderGroupHelp } from "./render-help.ts";
import { misuse } from "./check-arguments.ts";

export async function runCommandLine(words: readonly string[]): Promise<number> {
  const asked = words[0] === "help" ? [...words.slice(1), "--help"] : words;
  if (asked.length === 1 && (asked[0] === "--version" || asked[0] === "-v")) return runCommandLine(["version"]);
  const found = findCommand(asked);
  const { entry, path, rest } = found;
  const wantsHelp = beforeDashes(rest).some((word) => word === "--help" || word === "-h");

  if (entry.load === undefined) {
    const unknown = rest.find((word) => !word.startsWith("-"));
    if (unknown !== undefined) return unknownCommand(entry, path, unknown);
    const help = renderGroupHelp(entry, path, terminalWidth());
    if (wantsHelp) {
      print(help);
      return EXIT.ok;
    }
    const option = rest.find((word) => word.startsWith("-"));
    if (option !== undefined) printError(`${path.join(" ")}: unknown option ${option}.\n`);
    printError(help);
    return EXIT.usage;
  }

  const command = await entry.load();
  if (wantsHelp) {
    print(renderCommandHelp(entry, command, path, terminalWidth()));
    return EXIT.ok;
  }
  const mistake = command.anyWords === true ? null : misuse(command.args, rest);
  if (mistake !== null) {
    printError(`${path.join(" ")}: ${mistake}\nSee: ${path.join(" ")} --help`);
    return EXIT.usage;
  }
  return run(command, path, rest);
}

async function run(command: Command, path: readonly string[], rest: readonly string[]): Promise<number> {
  try {
    const { result } = await runCommand(command.definition, { rawArgs: [...rest] });
    return result as number;
  } catch (error) {
    if ((error as { code?: unknown }).code === "EARG") {
      printError(
        `${path.join(" ")}: ${Bun.stripANSI((error as { message: string }).message)}\nSee: ${path.join(" ")} --help`,
      );
      return EXIT.usage;
    }
    throw error;
  }
}

interface Found {
  readonly entry: CommandEntry;
  readonly path: readonly string[];
  readonly rest: readonly string[];
}

/** Walks down the tree as long as words name children. */
export function findCommand(words: readonly string[], tree: CommandEntry = commandTree): Found {
  let entry = tree;
  const path = [tree.name];
  let position = 0;
  while (entry.children !== undefined) {
    const child = entry.children.find((candidate) => candidate.name === words[position]);
    if (child === undefined) break;
    entry = child;
    path.push(child.name);
    position += 1;
  }
  return { entry, path, rest: words.slice(position) };
}

function unknownCommand(group: CommandEntry, path: readonly string[], word: string): number {
  const names = (group.children ?? []).filter((child) => child.hidden !== true).map((child) => child.name);
  const known = path.length === 1 ? [...names, "help"] : names;
  printError(`${path.join(" ")}: unknown command ${word}.${didYouMean(word, known)}`);
  printError(`Commands: ${names.join(", ")}. See: ${path.join(" ")} --help`);
  return EXIT.usage;
}

function beforeDashes(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return end === -1 ? words : words.slice(0, end);
}
