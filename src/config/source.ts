/** Where a value came from, and what a person is told about a value that is wrong. */
export type Source =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "flag"; readonly flag: string };

export const BY_DEFAULT: Source = { kind: "default" };

export type KeyPath = readonly (string | number)[];

export interface Problem {
  /** Path below `miroir:`, as in `server.port` or `nodes[1].address`; empty for the file as a whole. */
  readonly path: string;
  /** A whole sentence that says what to change. */
  readonly message: string;
  readonly source: Source;
}

/** `["nodes", 1, "address"]` as `nodes[1].address`. */
export function pathText(path: KeyPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

export function sourceText(source: Source): string {
  switch (source.kind) {
    case "default":
      return "default";
    case "file":
      return `${source.file}:${source.line}:${source.column}`;
    case "environment":
      return `environment ${source.variable}`;
    case "flag":
      return `flag --${source.flag}`;
  }
}

/** One line, in the form that editors and CI systems turn into a link. */
export function problemText(problem: Problem): string {
  const where = problem.source.kind === "default" ? "" : `${sourceText(problem.source)}: `;
  const path = problem.path === "" ? "" : `${problem.path}: `;
  return `${where}${path}${problem.message}`;
}
