/** Source text for the checkers: where it is, what it imports, and its code apart from its comments and texts. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

export interface SourceFile {
  /** Relative to the folder it was read from, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export const root = join(import.meta.dirname, "../..");

/** All TypeScript files below a folder of the repository, with paths relative to that folder. */
export function readSourceFiles(folder: string): readonly SourceFile[] {
  const base = join(root, folder);
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(base, path), text: readFileSync(path, "utf8") }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The specifiers of a file's imports, type-only ones and dynamic ones included, as they are written. */
export function importsOf(file: SourceFile): readonly string[] {
  const text = withoutComments(file.text);
  const statements = /^\s*(?:import|export)\b(?:[^"';]*?\bfrom)?\s*"([^"]+)"/gm;
  const expressions = /\bimport\(\s*"([^"]+)"/g;
  return [...text.matchAll(statements), ...text.matchAll(expressions)].map(([, specifier]) => specifier!);
}

/** The path that a relative specifier means, in the form of `SourceFile.path`; null for packages. */
export function resolveImport(file: SourceFile, specifier: string): string | null {
  return specifier.startsWith(".") ? normalize(join(dirname(file.path), specifier)) : null;
}

/** The text with every comment and every text literal blanked; places and lines stay. */
export function codeOf(text: string): string {
  return paint(text, (part) => part === "code");
}

/** The text with everything but comments blanked. */
export function commentsOf(text: string): string {
  return paint(text, (part) => part === "comment");
}

function withoutComments(text: string): string {
  return paint(text, (part) => part !== "comment");
}

type Part = "code" | "comment" | "literal";

/**
 * Tokens in the order in which they must be tried. A slash begins a regular expression only where a value may begin,
 * which the character before it tells well enough for code that the formatter has written. Templates are taken whole:
 * code inside of them is not seen.
 */
const TOKENS =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<literal>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`|(?<=(?:[(,=:[!&|?{};>]|=>|\breturn)\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*)/g;

function paint(text: string, keep: (part: Part) => boolean): string {
  let painted = "";
  let end = 0;
  const put = (part: Part, piece: string): void => {
    painted += keep(part) ? piece : piece.replaceAll(/[^\n]/g, " ");
  };
  for (const token of text.matchAll(TOKENS)) {
    put("code", text.slice(end, token.index));
    put(token.groups?.["comment"] === undefined ? "literal" : "comment", token[0]);
    end = token.index + token[0].length;
  }
  put("code", text.slice(end));
  return painted;
}
