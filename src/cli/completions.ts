/** `miroir completions`: scripts for bash, zsh and fish, made from the command tree. */
import type { ArgsDef } from "citty";
import { command, type Command, type CommandEntry } from "./command.ts";
import { commandTree } from "./commands.ts";
import { EXIT } from "./exit-codes.ts";
import { print } from "./print.ts";

export type Shell = "bash" | "zsh" | "fish";

export function completionsCommand(shell: Shell): Command {
  return command({
    help: {
      details: ["Prints a script that completes commands, options and file names."],
      examples: [INSTALL[shell]],
      exitCodes: [EXIT.ok],
    },
    args: {},
    async run() {
      print(await completionScript(shell));
      return EXIT.ok;
    },
  });
}

const INSTALL: Readonly<Record<Shell, { line: string; does: string }>> = {
  bash: { line: "source <(miroir completions bash)", does: "Put this line into ~/.bashrc." },
  zsh: { line: "source <(miroir completions zsh)", does: "Put this line into ~/.zshrc, after compinit." },
  fish: { line: "miroir completions fish > ~/.config/fish/completions/miroir.fish", does: "Run this once." },
};

/** One place of the tree and what may follow there. */
interface Place {
  /** `ctl task`; empty at the root. */
  readonly path: string;
  readonly children: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly Option[];
}

interface Option {
  readonly name: string;
  readonly description: string;
  readonly takes: "nothing" | "file" | "value";
  readonly values: readonly string[];
}

export async function completionScript(shell: Shell): Promise<string> {
  const places = await placesOf(commandTree, []);
  switch (shell) {
    case "bash":
      return bash(places);
    case "zsh":
      return zsh(places);
    case "fish":
      return fish(places);
  }
}

async function placesOf(entry: CommandEntry, path: readonly string[]): Promise<Place[]> {
  const children = (entry.children ?? []).filter((child) => child.hidden !== true);
  const args = entry.load === undefined ? {} : (await entry.load()).args;
  const place: Place = {
    path: path.join(" "),
    children: children.map(({ name, summary }) => ({ name, summary })),
    options: [...optionsOf(args), { name: "help", description: "Show the help", takes: "nothing", values: [] }],
  };
  const below = await Promise.all(children.map((child) => placesOf(child, [...path, child.name])));
  return [place, ...below.flat()];
}

function optionsOf(args: ArgsDef): Option[] {
  return Object.entries(args)
    .filter(([, arg]) => arg.type !== "positional")
    .map(([name, arg]) => ({
      name,
      description: arg.description ?? "",
      takes: arg.type === "boolean" ? "nothing" : arg.valueHint === "file" ? "file" : "value",
      values: arg.valueHint?.includes("|") === true ? arg.valueHint.split("|") : [],
    }));
}

const spell = (option: Option): string => `--${option.name}`;

/** Every step down the tree as `parent child`, for the loop that finds out where the cursor is. */
function steps(places: readonly Place[]): string[] {
  return places.flatMap((place) => place.children.map((child) => `${place.path} ${child.name}`));
}

function bash(places: readonly Place[]): string {
  const values = places.flatMap((place) =>
    place.options.flatMap((option) => {
      if (option.takes === "nothing") return [];
      const words =
        option.takes === "file" ? 'compgen -f -- "$cur"' : `compgen -W "${option.values.join(" ")}" -- "$cur"`;
      return [`    "${place.path}|${spell(option)}") COMPREPLY=($(${words})); return ;;`];
    }),
  );
  const words = places.map((place) => {
    const all = [...place.children.map((child) => child.name), ...place.options.map(spell)];
    return `    "${place.path}") words="${all.join(" ")}" ;;`;
  });
  return [
    "# bash completion for miroir",
    "_miroir() {",
    '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" place="" words="" i',
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    '    case "$place ${COMP_WORDS[i]}" in',
    `      ${steps(places)
      .map((step) => `"${step}"`)
      .join("|")}) place="\${place:+$place }\${COMP_WORDS[i]}" ;;`,
    "    esac",
    "  done",
    '  case "$place|$prev" in',
    ...values,
    "  esac",
    '  case "$place" in',
    ...words,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    "}",
    "complete -F _miroir miroir",
  ].join("\n");
}

function zsh(places: readonly Place[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''").replaceAll(":", "\\:")}'`;
  const item = (name: string, text: string): string => `${quoted(name).slice(0, -1)}:${quoted(text).slice(1)}`;
  const cases = places.map((place) => {
    const items = [
      ...place.children.map((child) => item(child.name, child.summary)),
      ...place.options.map((option) => item(spell(option), option.description)),
    ];
    return `    '${place.path}') items=(${items.join(" ")}) ;;`;
  });
  const files = new Set(places.flatMap((place) => place.options.filter((o) => o.takes === "file").map(spell)));
  return [
    "#compdef miroir",
    "_miroir() {",
    "  local -a items",
    '  local place="" word',
    '  for word in "${(@)words[2,CURRENT-1]}"; do',
    '    case "$place $word" in',
    `      ${steps(places)
      .map((step) => `'${step}'`)
      .join("|")}) place="\${place:+$place }$word" ;;`,
    "    esac",
    "  done",
    '  case "${words[CURRENT-1]}" in',
    `    ${[...files].join("|")}) _files; return ;;`,
    "  esac",
    '  case "$place" in',
    ...cases,
    "  esac",
    "  _describe 'miroir' items",
    "}",
    "compdef _miroir miroir",
  ].join("\n");
}

function fish(places: readonly Place[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = places.flatMap((place) => {
    const at = `complete -c miroir -n ${quoted(`__miroir_at "${place.path}"`)}`;
    return [
      ...place.children.map((child) => `${at} -a ${child.name} -d ${quoted(child.summary)}`),
      ...place.options.map((option) => {
        const values = option.values.length > 0 ? ` -a ${quoted(option.values.join(" "))}` : "";
        const takes = { nothing: "", file: " -r -F", value: ` -x${values}` }[option.takes];
        return `${at} -l ${option.name}${takes} -d ${quoted(option.description)}`;
      }),
    ];
  });
  return [
    "# fish completion for miroir",
    "function __miroir_at",
    "  set -l place ''",
    "  for word in (commandline -opc)[2..-1]",
    '    switch "$place $word"',
    `      case ${steps(places)
      .map((step) => `'${step}'`)
      .join(" ")}`,
    '        set place (string trim "$place $word")',
    "    end",
    "  end",
    '  test "$place" = "$argv[1]"',
    "end",
    "complete -c miroir -f",
    ...lines,
  ].join("\n");
}
