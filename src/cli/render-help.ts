/** Help texts, wrapped to the terminal. Good enough to do without the documentation. */
import type { ArgsDef } from "citty";
import { aliasesOf, type Command, type CommandEntry } from "./command.ts";
import { EXIT, exitCodeMeanings, type ExitCode } from "./exit-codes.ts";

const WIDEST = 100;

export function renderGroupHelp(entry: CommandEntry, path: readonly string[], width: number | null): string {
  const name = path.join(" ");
  const children = (entry.children ?? []).filter((child) => child.hidden !== true);
  const parts = [
    `${entry.summary}.`,
    "",
    `Usage: ${name} <command> [options]`,
    "",
    "Commands:",
    ...columns(
      children.map((child) => [child.name, child.summary]),
      width,
    ),
    "",
    `${name} <command> --help tells more about a command.`,
  ];
  return parts.join("\n");
}

export function renderCommandHelp(
  entry: CommandEntry,
  command: Command,
  path: readonly string[],
  width: number | null,
): string {
  const { help, args } = command;
  const parts = [...wrap(`${entry.summary}.`, lineWidth(width)), ""];
  for (const paragraph of help.details) parts.push(...wrap(paragraph, lineWidth(width)), "");
  parts.push(`Usage: ${usageLine(path, args)}`, "");
  const positionals = Object.entries(args).filter(([, arg]) => arg.type === "positional");
  if (positionals.length > 0) {
    const rows = positionals.map(([name, arg]): [string, string] => [`<${name}>`, describeArg(arg)]);
    parts.push("Arguments:", ...columns(rows, width), "");
  }
  parts.push("Options:", ...columns(optionRows(args), width), "");
  if (help.examples.length > 0) {
    parts.push("Examples:");
    for (const { line, does } of help.examples)
      parts.push(`  ${line}`, ...wrap(does, lineWidth(width) - 6).map((text) => `      ${text}`));
    parts.push("");
  }
  const codes = exitCodeRows(help.exitCodes).map(([code, meaning]): [string, string] => [`${code}`, meaning]);
  parts.push("Exit codes:", ...columns(codes, width));
  return parts.join("\n");
}

export function usageLine(path: readonly string[], args: ArgsDef): string {
  const positionals = Object.entries(args)
    .filter(([, arg]) => arg.type === "positional")
    .map(([name, arg]) => (arg.required === false ? `[${name}]` : `<${name}>`));
  return [...path, ...positionals, "[options]"].join(" ");
}

/** Every command can be called wrongly, and most can succeed. */
export function exitCodeRows(codes: readonly ExitCode[]): [code: ExitCode, meaning: string][] {
  const all = [...new Set<ExitCode>([...codes, EXIT.usage])].sort((a, b) => a - b);
  return all.map((code) => [code, exitCodeMeanings[code]]);
}

export function optionRows(args: ArgsDef): [option: string, description: string][] {
  const rows = Object.entries(args)
    .filter(([, arg]) => arg.type !== "positional")
    .map(([name, arg]): [string, string] => {
      const aliases = aliasesOf(arg)
        .map((alias) => `-${alias}, `)
        .join("");
      const value = arg.type === "boolean" ? "" : ` <${arg.valueHint ?? name}>`;
      return [`${aliases}--${name}${value}`, describeArg(arg)];
    });
  return [...rows, ["-h, --help", "Show this help"]];
}

function describeArg(arg: ArgsDef[string]): string {
  const values = arg.type === "enum" && arg.options !== undefined ? ` (${arg.options.join(", ")})` : "";
  const byDefault = arg.default === undefined || arg.default === false ? "" : ` [default: ${String(arg.default)}]`;
  return `${arg.description ?? ""}${values}${byDefault}`;
}

function lineWidth(width: number | null): number {
  return Math.min(width ?? WIDEST, WIDEST);
}

function columns(rows: readonly (readonly [string, string])[], width: number | null): string[] {
  const left = Math.min(32, Math.max(...rows.map(([name]) => name.length)));
  const right = Math.max(24, lineWidth(width) - left - 4);
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, right);
    const first = name.length > left ? [`  ${name}`] : [`  ${name.padEnd(left)}  ${lines.shift() ?? ""}`.trimEnd()];
    return [...first, ...lines.map((line) => `  ${" ".repeat(left)}  ${line}`)];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
