/**
 * Bun runs at most 256 outgoing requests at once in a process, over all hosts, so that one stalled node would hold up the
 * requests to all others. The limit is read from the environment when the process starts and never again; therefore the
 * program starts itself anew, in the same process id, with the limit raised.
 */
import { readEnvironment, type Environment } from "../config/read-sources.ts";

const LIMIT_VARIABLE = "BUN_CONFIG_MAX_HTTP_REQUESTS";
const LIMIT = "65535";
const COMMANDS_THAT_NEED_IT: ReadonlySet<string> = new Set(["serve", "demo"]);

export interface Restart {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Record<string, string>;
}

export interface ProcessFacts {
  readonly environment: Environment;
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
}

/** How to start anew; null when there is no need. With the variable set there never is, so this cannot go on forever. */
export function restartForFetchLimit(facts: ProcessFacts = ownFacts()): Restart | null {
  const { environment, execPath, execArgv, argv } = facts;
  if ((environment[LIMIT_VARIABLE] ?? "") !== "") return null;
  const [, script, ...words] = argv;
  if (words[0] === undefined || !COMMANDS_THAT_NEED_IT.has(words[0])) return null;
  // Inside the executable the script is a path of its embedded file system and must not be repeated.
  const compiled = script === undefined || script.startsWith("/$bunfs/");
  const args = compiled ? [execPath, ...words] : [execPath, ...execArgv, script, ...words];
  const known = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { file: execPath, args, environment: { ...Object.fromEntries(known), [LIMIT_VARIABLE]: LIMIT } };
}

function ownFacts(): ProcessFacts {
  const { execPath, execArgv, argv } = process;
  return { environment: readEnvironment(), execPath, execArgv, argv };
}
