/** The options that name a configuration, shared by `serve`, `config` and `doctor`, and loading by them. */
import type { ArgsDef, StringArgDef } from "citty";
import * as z from "zod/mini";
import { keyList } from "../config/key-list.ts";
import { loadConfig, type LoadResult, type RefusedConfig } from "../config/load-config.ts";
import type { Flag } from "../config/parse-settings.ts";
import { readEnvironment, readTextFile, whyNotWritable } from "../config/read-sources.ts";
import { problemText, sourceText } from "../config/source.ts";
import type { LaterKey } from "../config/this-version.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { printError } from "./print.ts";

const flagged = keyList.flatMap((key) => (key.facts.flag === undefined ? [] : [{ key, flag: key.facts.flag }]));

const fixed = {
  config: {
    type: "string",
    alias: "c",
    valueHint: "file",
    description: "The configuration file; also by the environment variable MIROIR_CONFIG",
  },
  set: {
    type: "string",
    valueHint: "path=value",
    description: "Any other key, such as scatter.node_timeout_ms=3000; may be repeated",
  },
} satisfies ArgsDef;

const byKey: Record<string, StringArgDef> = Object.fromEntries(
  flagged.map(({ key, flag }) => [
    flag,
    {
      type: "string",
      valueHint: key.schema instanceof z.ZodMiniEnum ? key.schema.options.join("|") : "value",
      description: `Sets ${key.name} (default ${String(key.byDefault)})`,
    },
  ]),
);

export const configArguments: typeof fixed & Record<string, StringArgDef> = { ...fixed, ...byKey };

/**
 * Loads what the command line, the environment and the file say. `mustWrite`: a store that cannot be written is an
 * error; otherwise only the form of its path is judged, because another user may look at the file.
 */
export function loadFromCommandLine(words: readonly string[], options: { readonly mustWrite: boolean }): LoadResult {
  const env = readEnvironment();
  const given = optionValues(words);
  const file = given.findLast(({ name }) => name === "config" || name === "c")?.value ?? env["MIROIR_CONFIG"];
  return loadConfig({
    ...(file === undefined || file === "" ? {} : { file }),
    env,
    flags: given.flatMap(({ name, value }) => flagOf(name, value)),
    readFile: readTextFile,
    ...(options.mustWrite ? { whyNotWritable } : {}),
  });
}

function flagOf(name: string, value: string): Flag[] {
  if (name === "set") {
    const equals = value.indexOf("=");
    const key = equals === -1 ? value : value.slice(0, equals);
    return [{ flag: `set ${key}`, key, text: equals === -1 ? "" : value.slice(equals + 1) }];
  }
  const key = flagged.find(({ flag }) => flag === name)?.key;
  return key === undefined ? [] : [{ flag: name, key: key.name, text: value }];
}

/** Every option with a value in the order given; repeats are kept, which the parser of the commands does not do. */
function optionValues(words: readonly string[]): { name: string; value: string }[] {
  const found: { name: string; value: string }[] = [];
  for (let position = 0; position < words.length; position += 1) {
    const word = words[position] as string;
    if (word === "--") break;
    if (!word.startsWith("-")) continue;
    const name = word.replace(/^-{1,2}/, "").replace(/=.*$/s, "");
    const declared = name === "c" || Object.hasOwn(configArguments, name);
    if (!declared) continue;
    const equals = word.indexOf("=");
    if (equals === -1) position += 1;
    found.push({ name, value: equals === -1 ? (words[position] ?? "") : word.slice(equals + 1) });
  }
  return found;
}

/** Lists every problem with its place. */
export function reportRefused(result: RefusedConfig): ExitCode {
  for (const warning of result.warnings) printError(`warning: ${warning}`);
  for (const problem of result.problems) printError(problemText(problem));
  const count = result.problems.length;
  printError(`The configuration has ${count} problem${count === 1 ? "" : "s"}.`);
  return EXIT.configuration;
}

/** What `serve` and `config check` say about a key that is set and has no effect yet. */
export function laterKeyText({ path, source }: LaterKey): string {
  return `${path} (${sourceText(source)}) is not in this version: it has no effect.`;
}
