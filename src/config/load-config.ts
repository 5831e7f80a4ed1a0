/**
 * From sources to a configuration: defaults, then the file, then the environment, then flags; secrets from files; types,
 * limits and the rules between keys. Pure: whatever it reads comes through the readers it is given. Everything that is
 * wrong is reported at once, each with its place.
 */
import { dirname, isAbsolute, join } from "node:path";
import * as z from "zod/mini";
import type { Config } from "./config.ts";
import { factsAt, findKey, keyList, schemaAt, unwrap } from "./key-list.ts";
import { isRecord, parseFile, type ParsedFile } from "./parse-file.ts";
import { parseEnvironment, parseFlags, type Flag, type Setting } from "./parse-settings.ts";
import type { Environment, FileText } from "./read-sources.ts";
import { rules } from "./rules.ts";
import { BY_DEFAULT, pathText, type KeyPath, type Problem, type Source } from "./source.ts";
import { laterKeysSet, type LaterKey } from "./this-version.ts";
import { validate, valueAt } from "./validate.ts";

export interface LoadInput {
  /** Path of the configuration file, if there is one. */
  readonly file?: string;
  readonly env: Environment;
  readonly flags: readonly Flag[];
  readonly readFile: (path: string) => FileText;
  /** Judges whether the store can be written (rule 10); without it only the form of the path is looked at. */
  readonly whyNotWritable?: (path: string) => string | null;
}

export type LoadResult = LoadedConfig | RefusedConfig;

export interface LoadedConfig {
  readonly ok: true;
  readonly config: Config;
  /** Things a person should know although the configuration is valid. */
  readonly warnings: readonly string[];
  readonly notInThisVersion: readonly LaterKey[];
  readonly sourceOf: (path: KeyPath) => Source;
}

export interface RefusedConfig {
  readonly ok: false;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  /** The configuration as far as it could be read, only to be shown. */
  readonly config: Config;
  readonly sourceOf: (path: KeyPath) => Source;
}

export function loadConfig(input: LoadInput): LoadResult {
  const problems: Problem[] = [];
  const file = openFile(input, problems);
  const values = withoutEmptySections(structuredClone(file?.values ?? {}), []);
  const sources = new Map<string, Source>();
  const sourceOf = (path: KeyPath): Source => sourceIn(sources, path) ?? locateInFile(file, path);

  if (file !== null) readSecretFiles(values, file, input, problems, sources);
  const environment = parseEnvironment(input.env);
  const flags = parseFlags(input.flags);
  problems.push(...environment.problems, ...flags.problems);
  for (const setting of [...environment.settings, ...flags.settings]) {
    applySetting(values, setting, input, problems, sources);
  }

  const validated = validate(values, sourceOf);
  problems.push(...validated.problems);
  const context = {
    config: validated.config,
    environment: input.env,
    whyNotWritable: input.whyNotWritable ?? (() => null),
  };
  for (const rule of rules) {
    if (rule.reads.some((name) => isSpoiled(validated.spoiled, name))) continue;
    for (const finding of rule.check(context)) {
      problems.push({ path: pathText(finding.path), message: finding.message, source: sourceOf(finding.path) });
    }
  }
  problems.push(...tlsProblems(validated.config, sourceOf));

  const { config } = validated;
  const warnings = environment.warnings.map(warningText);
  if (problems.length > 0) return { ok: false, problems: problems.sort(byPlace), warnings, config, sourceOf };
  return {
    ok: true,
    config,
    warnings: [...warnings, ...advice(config)],
    notInThisVersion: laterKeysSet(config, sourceOf),
    sourceOf,
  };
}

const KIND_ORDER = { file: 0, environment: 1, flag: 2, default: 3 } as const;

/** In the order of the file; what does not come from it follows. */
function byPlace({ source: a }: Problem, { source: b }: Problem): number {
  if (a.kind !== "file" || b.kind !== "file") return KIND_ORDER[a.kind] - KIND_ORDER[b.kind];
  return a.line - b.line || a.column - b.column;
}

function openFile(input: LoadInput, problems: Problem[]): ParsedFile | null {
  if (input.file === undefined) return null;
  const read = input.readFile(input.file);
  if ("problem" in read) {
    const message = `The configuration file cannot be read: ${read.problem}.`;
    problems.push({ path: "", message, source: BY_DEFAULT });
    return null;
  }
  const parsed = parseFile(input.file, read.text);
  problems.push(...parsed.problems);
  return parsed;
}

/** `scatter:` with nothing below it means a section in which nothing is set. */
function withoutEmptySections(values: Record<string, unknown>, path: KeyPath): Record<string, unknown> {
  for (const [name, value] of Object.entries(values)) {
    const here = [...path, name];
    const schema = schemaAt(here);
    if (schema === null || factsAt(here) !== undefined || !(unwrap(schema) instanceof z.ZodMiniObject)) continue;
    if (value === null) values[name] = {};
    else if (isRecord(value)) withoutEmptySections(value, here);
  }
  return values;
}

/** Replaces `<key>_file` of secrets by the file's content. */
function readSecretFiles(
  values: Record<string, unknown>,
  file: ParsedFile,
  input: LoadInput,
  problems: Problem[],
  sources: Map<string, Source>,
): void {
  for (const key of keyList.filter((entry) => entry.facts.secret === true)) {
    const holder = valueAt(values, key.path.slice(0, -1));
    const name = key.path.at(-1) as string;
    const fileName = `${name}_file`;
    if (!isRecord(holder) || !Object.hasOwn(holder, fileName)) continue;
    const source = file.locate([...key.path.slice(0, -1), fileName]);
    const path = `${key.name}_file`;
    const named = holder[fileName];
    delete holder[fileName];
    if (typeof named !== "string" || named === "") {
      problems.push({ path, message: "It must be the path of a file that holds the secret.", source });
    } else if (Object.hasOwn(holder, name)) {
      problems.push({ path, message: `It and ${key.name} are both set: keep one of them.`, source });
    } else {
      const base = input.file === undefined ? "." : dirname(input.file);
      const secret = readSecret(isAbsolute(named) ? named : join(base, named), path, source, input, problems);
      if (secret === null) continue;
      holder[name] = secret;
      sources.set(key.name, source);
    }
  }
}

function readSecret(path: string, key: string, source: Source, input: LoadInput, problems: Problem[]): string | null {
  const read = input.readFile(path);
  if ("problem" in read) {
    problems.push({ path: key, message: `The secret cannot be read: ${read.problem}.`, source });
    return null;
  }
  const secret = read.text.replace(/\r?\n$/, "");
  if (secret === "") {
    problems.push({ path: key, message: `The secret file ${path} is empty.`, source });
    return null;
  }
  return secret;
}

function applySetting(
  values: Record<string, unknown>,
  setting: Setting,
  input: LoadInput,
  problems: Problem[],
  sources: Map<string, Source>,
): void {
  const { key, source } = setting;
  let { value } = setting;
  if (setting.fromFile) {
    value = readSecret(String(value), `${key.name}_file`, source, input, problems);
    if (value === null) return;
  }
  let holder = values;
  for (const step of key.path.slice(0, -1)) {
    const next = holder[step] ?? {};
    // A section that is no map is reported as such; there is nowhere to put the value then.
    if (!isRecord(next)) return;
    holder[step] = next;
    holder = next;
  }
  holder[key.path.at(-1) as string] = value;
  sources.set(key.name, source);
}

/** A value set outside the file covers everything below its key. */
function sourceIn(sources: ReadonlyMap<string, Source>, path: KeyPath): Source | null {
  for (let length = path.length; length > 0; length -= 1) {
    const found = sources.get(pathText(path.slice(0, length)));
    if (found !== undefined) return found;
  }
  return null;
}

/** The place in the file, but only if this very key (or something inside it) is written there. */
function locateInFile(file: ParsedFile | null, path: KeyPath): Source {
  if (file === null) return BY_DEFAULT;
  const key = declaredKey(path);
  if (key !== null && valueAt(file.values, key) === undefined) return BY_DEFAULT;
  return file.locate(path);
}

function declaredKey(path: KeyPath): KeyPath | null {
  for (let length = 1; length <= path.length; length += 1) {
    const head = path.slice(0, length);
    if (head.every((step) => typeof step === "string") && findKey(head.join(".")) !== undefined) return head;
  }
  return null;
}

function isSpoiled(spoiled: ReadonlySet<string>, name: string): boolean {
  for (const path of spoiled) {
    if (path === name || path.startsWith(`${name}.`) || name.startsWith(`${path}.`)) return true;
  }
  return false;
}

function tlsProblems(config: Config, sourceOf: (path: KeyPath) => Source): Problem[] {
  const { cert, key } = config.server.tls;
  if ((cert === "") === (key === "")) return [];
  const [missing, present] = cert === "" ? (["cert", "key"] as const) : (["key", "cert"] as const);
  const message = `TLS needs both files: set it too, or remove server.tls.${present}.`;
  return [{ path: `server.tls.${missing}`, message, source: sourceOf(["server", "tls", present]) }];
}

function warningText(problem: Problem): string {
  const variable = problem.source.kind === "environment" ? `${problem.source.variable}: ` : "";
  return `${variable}${problem.message}`;
}

function advice(config: Config): string[] {
  const found: string[] = [];
  if (config.master_key === "") {
    found.push("master_key is empty: the router runs in open mode and everybody may do everything.");
  } else if (Buffer.byteLength(config.master_key) < 16) {
    found.push("master_key is shorter than 16 bytes: generate a longer one for production.");
  }
  if (config.node_master_key === "") {
    found.push("node_master_key is empty: this only works with nodes that run without a master key.");
  }
  if (config.admin.enabled && config.admin.api_key === "") {
    found.push("admin.api_key is empty: everything under /_miroir/ except ready refuses all callers.");
  }
  if (config.admin.api_key !== "" && config.admin.api_key === config.master_key) {
    found.push("admin.api_key equals master_key: give the operators a key of their own.");
  }
  return found;
}
