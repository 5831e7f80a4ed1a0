/**
 * Single values from the environment and from flags: which key a name means, and how its text becomes a value. A text
 * that does not fit the key's type is left as it is, so that validation says what was expected.
 */
import { parse } from "yaml";
import * as z from "zod/mini";
import { findKey, keyList, type KeyEntry } from "./key-list.ts";
import type { Problem, Source } from "./source.ts";
import { didYouMean } from "./suggest.ts";

/** One value for one key; `fromFile` means that the text is the path of a file that holds the value. */
export interface Setting {
  readonly key: KeyEntry;
  readonly value: unknown;
  readonly fromFile: boolean;
  readonly source: Source;
}

export interface Flag {
  /** Without dashes, as the person wrote it: `port`, or `set server.port`. */
  readonly flag: string;
  /** `server.port`. */
  readonly key: string;
  readonly text: string;
}

interface Parsed {
  readonly settings: readonly Setting[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** `MIROIR_SCATTER__NODE_TIMEOUT_MS`. */
export function variableOf(key: KeyEntry): string {
  return `MIROIR_${key.path.join("__").toUpperCase()}`;
}

/** Variables that start with MIROIR_ and are read elsewhere in the program. */
const OTHER_VARIABLES = new Set(["MIROIR_CONFIG", "MIROIR_URL", "MIROIR_DEMO"]);
/** Container platforms set these for a service called miroir; they are nobody's mistake. */
const PLATFORM_VARIABLES = /^MIROIR_(SERVICE_|PORT$|PORT_[0-9]|ENV_|NAME$)/;

export function parseEnvironment(environment: Readonly<Record<string, string | undefined>>): Parsed {
  const names = variableNames();
  const settings: Setting[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const [variable, raw] of Object.entries(environment)) {
    if (raw === undefined) continue;
    const meant = names.get(variable);
    const source: Source = { kind: "environment", variable };
    if (meant !== undefined) {
      const value = meant.fromFile ? raw : valueFromText(meant.key, raw);
      settings.push({ ...meant, value, source });
      continue;
    }
    if (!variable.startsWith("MIROIR_") || OTHER_VARIABLES.has(variable) || PLATFORM_VARIABLES.test(variable)) continue;
    const message = `This variable names no key of the configuration.${didYouMean(variable, names.keys())}`;
    // Two underscores can only be meant for the configuration; a single name may belong to somebody else.
    (variable.includes("__") ? problems : warnings).push({ path: "", message, source });
  }
  return { settings, problems: [...problems, ...contradictions(settings)], warnings };
}

function variableNames(): Map<string, { key: KeyEntry; fromFile: boolean }> {
  const names = new Map<string, { key: KeyEntry; fromFile: boolean }>();
  for (const key of keyList) {
    const variables = new Set([variableOf(key), ...(key.facts.environment ? [key.facts.environment] : [])]);
    for (const variable of variables) {
      names.set(variable, { key, fromFile: false });
      if (key.facts.secret) names.set(`${variable}_FILE`, { key, fromFile: true });
    }
  }
  return names;
}

/** Two variables for one key would make the order of the environment decide. */
function contradictions(settings: readonly Setting[]): Problem[] {
  const first = new Map<string, Setting>();
  const problems: Problem[] = [];
  for (const setting of settings) {
    const earlier = first.get(setting.key.name);
    if (earlier === undefined) {
      first.set(setting.key.name, setting);
    } else if (earlier.fromFile !== setting.fromFile || earlier.value !== setting.value) {
      const other = earlier.source.kind === "environment" ? earlier.source.variable : "";
      const message = `This variable and ${other} give it different values: keep one of them.`;
      problems.push({ path: setting.key.name, message, source: setting.source });
    }
  }
  return problems;
}

export function parseFlags(flags: readonly Flag[]): Parsed {
  const settings: Setting[] = [];
  const problems: Problem[] = [];
  for (const { flag, key: name, text } of flags) {
    const source: Source = { kind: "flag", flag };
    const fromFile = name.endsWith("_file") && findKey(name.slice(0, -5))?.facts.secret === true;
    const key = findKey(fromFile ? name.slice(0, -5) : name);
    if (key === undefined) {
      const known = keyList.map((entry) => entry.name);
      const message = `${name} is no key of the configuration.${didYouMean(name, known)}`;
      problems.push({ path: "", message, source });
    } else if (key.facts.secret && !fromFile) {
      const message = `A secret on the command line shows in the process list: use the environment variable ${key.facts.environment ?? variableOf(key)} or the key ${name}_file.`;
      problems.push({ path: name, message, source });
    } else {
      settings.push({ key, value: fromFile ? text : valueFromText(key, text), fromFile, source });
    }
  }
  return { settings, problems, warnings: [] };
}

/** Numbers, true/false, and lists and maps written as JSON or YAML; everything else stays text. */
function valueFromText(key: KeyEntry, text: string): unknown {
  return convert(key.schema, text);
}

function convert(schema: z.core.$ZodType, text: string): unknown {
  if (schema instanceof z.ZodMiniNumber) return numberFrom(text);
  if (schema instanceof z.ZodMiniBoolean) return text === "true" ? true : text === "false" ? false : text;
  if (schema instanceof z.ZodMiniNullable) return text === "null" ? null : convert(schema.def.innerType, text);
  if (schema instanceof z.ZodMiniUnion) return numberFrom(text);
  if (schema instanceof z.ZodMiniArray || schema instanceof z.ZodMiniRecord) return structureFrom(text);
  return text;
}

function numberFrom(text: string): unknown {
  return /^-?[0-9]+(\.[0-9]+)?$/.test(text.trim()) ? Number(text) : text;
}

function structureFrom(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 }) as unknown;
  } catch {
    return text;
  }
}
