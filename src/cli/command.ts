/**
 * What a command is. A leaf is a citty command (typed arguments, parsing) with the words for its help; the tree in
 * `commands.ts` holds names and summaries only, so that a command's code is loaded when it runs and not before.
 */
import type { ArgsDef, CommandDef } from "citty";
import type { ExitCode } from "./exit-codes.ts";

export interface CommandHelp {
  /** Paragraphs below the summary. */
  readonly details: readonly string[];
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** Codes that this command can end with, besides 2. */
  readonly exitCodes: readonly ExitCode[];
}

export interface Command {
  readonly definition: CommandDef;
  readonly args: ArgsDef;
  readonly help: CommandHelp;
  /** Takes whatever words it is given; for commands that only explain themselves. */
  readonly anyWords?: boolean;
}

export interface CommandEntry {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** Left out of help, completions and the reference page. */
  readonly hidden?: boolean;
  /** A leaf has `load`, a group has `children`. */
  readonly load?: () => Promise<Command>;
  readonly children?: readonly CommandEntry[];
}

/** Declares a leaf; `run` answers with the exit code. */
export function command<const Args extends ArgsDef>(
  declared: Omit<CommandDef<Args>, "run" | "args"> & {
    readonly args: Args;
    readonly help: CommandHelp;
    readonly anyWords?: boolean;
    readonly run: (context: Parameters<NonNullable<CommandDef<Args>["run"]>>[0]) => Promise<ExitCode> | ExitCode;
  },
): Command {
  const { help, anyWords = false, ...definition } = declared;
  return { definition: definition as unknown as CommandDef, args: declared.args, help, anyWords };
}

/** Short spellings of an option. */
export function aliasesOf(arg: ArgsDef[string]): string[] {
  return "alias" in arg && arg.alias !== undefined ? [arg.alias].flat() : [];
}
