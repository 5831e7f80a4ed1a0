/** Refuses what a command does not know: options, values that are missing, words too many. The parser lets them pass. */
import type { ArgsDef } from "citty";
import { didYouMean } from "../config/suggest.ts";
import { aliasesOf } from "./command.ts";

/** What is wrong, as a sentence; null if nothing is. */
export function misuse(args: ArgsDef, words: readonly string[]): string | null {
  const options = optionsOf(args);
  const positionals = Object.values(args).filter((arg) => arg.type === "positional").length;
  const seen: string[] = [];
  for (let position = 0; position < words.length; position += 1) {
    const word = words[position] as string;
    if (word === "--") {
      seen.push(...words.slice(position + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      seen.push(word);
      continue;
    }
    const [name, inline] = splitOption(word);
    const kind = options.get(name);
    if (kind === undefined) return `unknown option ${name}.${didYouMean(name, options.keys())}`;
    if (kind === "switch") {
      if (inline !== null) return `option ${name} takes no value.`;
    } else if (inline === null) {
      const value = words[position + 1];
      if (value === undefined || value.startsWith("--")) return `option ${name} needs a value.`;
      position += 1;
    }
  }
  if (seen.length > positionals) return `unexpected argument ${seen[positionals]}.`;
  return null;
}

function splitOption(word: string): [name: string, inline: string | null] {
  const equals = word.indexOf("=");
  return equals === -1 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** Every spelling of every option of a command. */
function optionsOf(args: ArgsDef): Map<string, "switch" | "value"> {
  const options = new Map<string, "switch" | "value">();
  for (const [name, arg] of Object.entries(args)) {
    if (arg.type === "positional") continue;
    const kind = arg.type === "boolean" ? "switch" : "value";
    options.set(`--${name}`, kind);
    if (kind === "switch") options.set(`--no-${name}`, kind);
    for (const alias of aliasesOf(arg)) options.set(alias.length === 1 ? `-${alias}` : `--${alias}`, kind);
  }
  return options;
}
