/** Finds what makes a repository untidy: long files, bins, leftovers, escapes from the compiler, missing headers. */
import { basename } from "node:path";
import { codeOf, commentsOf, type SourceFile } from "./source-files.ts";

export const LINES_MAX = 300;

/** Longer files and why; the number of lines may only become smaller. Paths are relative to the repository. */
export const longFiles: Readonly<Record<string, { readonly lines: number; readonly reason: string }>> = {};

/** Tables grow by a row at a time and are read by looking up; their length is no burden. */
const tables = [/^src\/core\/errors\/codes\.ts$/, /^src\/config\/keys\//, /^src\/telemetry\/events\//];

export function checkTidy(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => [
    ...checkLength(file),
    ...checkName(file),
    ...checkHeader(file),
    ...checkLeftovers(file),
    ...checkEscapes(file),
  ]);
}

function checkLength({ path, text }: SourceFile): readonly string[] {
  const lines = text.trimEnd().split("\n").length;
  const allowed = longFiles[path]?.lines ?? LINES_MAX;
  if (lines <= allowed || tables.some((table) => table.test(path))) return [];
  return [`${path} has ${lines} lines, more than ${allowed}: find the second idea in it and give it a file`];
}

/** Exceptions that are no longer needed: the list may only shrink. */
export function checkLongFiles(files: readonly SourceFile[], exceptions = longFiles): readonly string[] {
  return Object.entries(exceptions).flatMap(([path, { lines }]) => {
    const file = files.find((candidate) => candidate.path === path);
    const actual = file?.text.trimEnd().split("\n").length ?? 0;
    return actual === lines ? [] : [`${path} has ${actual} lines, not ${lines}: correct or remove its exception`];
  });
}

function checkName({ path }: SourceFile): readonly string[] {
  const name = basename(path);
  if (/^(?:index|types|utils|util|common|helpers|helper|misc|shared)\./.test(name)) {
    return [`${path}: a bin is where ideas are lost; name the file after what it is about`];
  }
  const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.d)?\.ts$/;
  return kebab.test(name) ? [] : [`${path}: file names are kebab-case`];
}

/** Not in tests, whose sentences say what they are about. */
function checkHeader({ path, text }: SourceFile): readonly string[] {
  if (path.endsWith(".test.ts")) return [];
  const header = /^(?:#![^\n]*\n)?\/\*\*([\s\S]*?)\*\//.exec(text)?.[1];
  if (header === undefined) return [`${path}: begin with a comment that says what it is and why it exists`];
  const lines = header.split("\n").filter((line) => /[^\s*]/.test(line)).length;
  return lines >= 1 && lines <= HEADER_LINES_MAX
    ? []
    : [`${path}: the header has ${lines} lines, one to five are enough`];
}

const HEADER_LINES_MAX = 5;

function checkLeftovers({ path, text }: SourceFile): readonly string[] {
  return onLines(
    commentsOf(text),
    /\b(?:TODO|FIXME|XXX|HACK)\b/,
    (line) => `${path}:${line}: finish it or open an issue`,
  );
}

/** Tests may look into answers of unknown shape; the program may not. */
function checkEscapes({ path, text }: SourceFile): readonly string[] {
  const silenced = onLines(
    commentsOf(text),
    /@ts-(?:ignore|nocheck|expect-error)|eslint-disable|oxlint-disable-(?!next-line)/,
    (line) => `${path}:${line}: the compiler is right; give it the type`,
  );
  if (path.startsWith("tests/")) return silenced;
  const code = codeOf(text);
  // A file may have a function of that name; what its types say is then left to the linter.
  if (/\b(?:const|function|import \{[^}]*)\s+any\b/.test(code)) return silenced;
  const escaped = onLines(
    code,
    /(?<![.\w$-])any(?![\w$:(-])/,
    (line) => `${path}:${line}: \`any\` switches the compiler off; use unknown and narrow it`,
  );
  return [...silenced, ...escaped];
}

function onLines(text: string, pattern: RegExp, say: (line: number) => string): readonly string[] {
  return text.split("\n").flatMap((line, i) => (pattern.test(line) ? [say(i + 1)] : []));
}
