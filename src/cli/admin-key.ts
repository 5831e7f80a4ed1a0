/** Finds the admin key: environment, then the credentials file (refused if others can read it), then the option. */
import { join } from "node:path";
import { modeOf, readEnvironment, readTextFile, type Environment, type FileText } from "../config/read-sources.ts";

export interface AdminKey {
  readonly key: string | null;
  readonly warnings: readonly string[];
  /** Set when a credentials file exists that must not be used. */
  readonly problem: string | null;
}

export interface KeyReaders {
  readonly environment: Environment;
  readonly readFile: (path: string) => FileText;
  readonly modeOf: (path: string) => number | null;
}

const processReaders: KeyReaders = { environment: readEnvironment(), readFile: readTextFile, modeOf };

export function findAdminKey(option: string | undefined, readers: KeyReaders = processReaders): AdminKey {
  const fromEnvironment = readers.environment["MIROIR_ADMIN_API_KEY"];
  if (fromEnvironment !== undefined && fromEnvironment !== "") {
    return { key: fromEnvironment, warnings: ignored(option, "MIROIR_ADMIN_API_KEY is set"), problem: null };
  }
  const home = readers.environment["HOME"];
  const path = home === undefined || home === "" ? null : join(home, ".config", "miroir", "credentials");
  const mode = path === null ? null : readers.modeOf(path);
  if (path !== null && mode !== null) {
    const found = fromCredentials(path, mode, readers.readFile);
    if (found.problem !== null) return found;
    return { ...found, warnings: ignored(option, `${path} names a key`) };
  }
  if (option === undefined) return { key: null, warnings: [], problem: null };
  const warning =
    "--admin-key shows in the process list of this machine; prefer MIROIR_ADMIN_API_KEY or the credentials file.";
  return { key: option, warnings: [warning], problem: null };
}

function ignored(option: string | undefined, because: string): string[] {
  return option === undefined ? [] : [`--admin-key is ignored because ${because}.`];
}

function fromCredentials(path: string, mode: number, readFile: (path: string) => FileText): AdminKey {
  const refuse = (problem: string): AdminKey => ({ key: null, warnings: [], problem });
  if ((mode & 0o077) !== 0) return refuse(`${path} can be read by others: run chmod 600 ${path}`);
  const read = readFile(path);
  if ("problem" in read) return refuse(read.problem);
  let values: unknown;
  try {
    values = Bun.TOML.parse(read.text);
  } catch {
    return refuse(`${path} is not valid TOML: it holds one line such as admin_api_key = "…"`);
  }
  const key = (values as Record<string, unknown>)["admin_api_key"];
  if (typeof key !== "string" || key === "") return refuse(`${path} has no admin_api_key = "…"`);
  return { key, warnings: [], problem: null };
}
