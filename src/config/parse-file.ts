/**
 * A YAML (or JSON) configuration file as plain values, with the line of everything in it. Syntax errors and repeated
 * keys are reported with their place; nothing is judged here beyond the form of the document.
 */
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml";
import { BY_DEFAULT, type KeyPath, type Problem, type Source } from "./source.ts";

export interface ParsedFile {
  /** What stands below `miroir:`. */
  readonly values: Record<string, unknown>;
  readonly problems: readonly Problem[];
  /** Where the nearest existing step of a path below `miroir:` is written. */
  locate(path: KeyPath): Source;
}

export function parseFile(file: string, text: string): ParsedFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const place = (offset: number): Source => {
    const { line, col } = lineCounter.linePos(offset);
    return { kind: "file", file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const locate = (path: KeyPath): Source => {
    const offset = offsetOf(document, ["miroir", ...path]);
    return offset === null ? BY_DEFAULT : place(offset);
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      path: "",
      message: `This is not valid YAML: ${error.message}`,
      source: place(error.pos[0]),
    }));
    return { values: {}, problems, locate };
  }
  return { ...topKey(document, place), locate };
}

function topKey(
  document: Document,
  place: (offset: number) => Source,
): { values: Record<string, unknown>; problems: Problem[] } {
  const complain = (message: string, source: Source) => ({ values: {}, problems: [{ path: "", message, source }] });
  const start = place(0);
  const whole: unknown = toPlain(document);
  if (whole instanceof AliasFailure) return complain(whole.message, start);
  if (whole === null || whole === undefined) {
    return complain("The file is empty: it must have the top key miroir.", start);
  }
  if (!isRecord(whole)) return complain("The file must be a map with the one top key miroir.", start);
  const others = Object.keys(whole).filter((name) => name !== "miroir");
  const problems: Problem[] = others.map((name) => ({
    path: "",
    message:
      name in KNOWN_BELOW
        ? `The key ${name} belongs below the top key miroir.`
        : `Unknown top key ${name}: the only one is miroir, and every other key stands below it.`,
    source: place(offsetOf(document, [name]) ?? 0),
  }));
  const values = whole["miroir"];
  if (values === undefined && problems.length === 0) return complain("The top key miroir is missing.", start);
  if (values === undefined || values === null) return { values: {}, problems };
  if (isRecord(values)) return { values, problems };
  const source = place(offsetOf(document, ["miroir"]) ?? 0);
  problems.push({ path: "", message: "The top key miroir must hold a map of keys.", source });
  return { values: {}, problems };
}

/** The usual first mistake is to leave the top key out; these are the keys a short file has. */
const KNOWN_BELOW: Readonly<Record<string, true>> = {
  master_key: true,
  node_master_key: true,
  shards: true,
  replication_factor: true,
  replica_groups: true,
  nodes: true,
  server: true,
  admin: true,
  task_store: true,
  metrics: true,
  log: true,
};

class AliasFailure {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** Aliases are resolved with the parser's own bound on how much they may expand. */
function toPlain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return new AliasFailure(`The aliases of this file cannot be resolved: ${(error as { message: string }).message}`);
  }
}

/** Offset of the key (or list entry) that the longest existing part of the path leads to. */
function offsetOf(document: Document, path: KeyPath): number | null {
  let node: unknown = document.contents;
  let offset: number | null = null;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === step);
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      const item = node.items[step];
      if (item === undefined) return offset;
      offset = startOf(item) ?? offset;
      node = item;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
