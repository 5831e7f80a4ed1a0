/** The only reader of the environment and of files that a person named. Everything else receives what it read. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

export function readEnvironment(): Environment {
  return process.env;
}

export type FileText = { readonly text: string } | { readonly problem: string };

/** A configuration or secret above this is a mistake in the path. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

export function readTextFile(path: string): FileText {
  try {
    const facts = statSync(path);
    if (facts.isDirectory()) return { problem: `${path} is a directory` };
    if (facts.size > FILE_BYTES_MAX) return { problem: `${path} is larger than ${FILE_BYTES_MAX} bytes` };
    return { text: readFileSync(path, "utf8") };
  } catch (error) {
    return { problem: `${path} ${reasonOf(error)}` };
  }
}

/** null if the program may write the file, creating its directory if need be; else the reason. */
export function whyNotWritable(path: string): string | null {
  let current = resolve(path);
  for (;;) {
    try {
      accessSync(current, constants.W_OK);
      return null;
    } catch (error) {
      const parent = dirname(current);
      if ((error as { code?: string }).code !== "ENOENT" || parent === current) {
        return `${current} ${reasonOf(error)}`;
      }
      current = parent;
    }
  }
}

/** Permission bits of a file, or null if there is none. */
export function modeOf(path: string): number | null {
  try {
    return statSync(path).mode & 0o777;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as { code?: string };
  if (code === "ENOENT") return "does not exist";
  if (code === "EACCES" || code === "EPERM") return "must not be used by this user (permission denied)";
  if (code === "EROFS") return "is on a read-only file system";
  return `cannot be used (${code ?? "unknown reason"})`;
}
