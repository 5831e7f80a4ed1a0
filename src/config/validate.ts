/** Types and limits: from plain values to a complete configuration, or to problems that each name one place. */
import type * as z from "zod/mini";
import type { Config } from "./config.ts";
import { expectation } from "./key.ts";
import { factsAt, keyList, namesAt, schemaAt } from "./key-list.ts";
import { configSchema } from "./keys/all.ts";
import { isRecord } from "./parse-file.ts";
import { pathText, type KeyPath, type Problem, type Source } from "./source.ts";
import { didYouMean } from "./suggest.ts";

export interface Validated {
  readonly problems: readonly Problem[];
  /** Complete even when there are problems: what was wrong is at its default, so that the other rules can be judged. */
  readonly config: Config;
  /** Top paths that were set aside. */
  readonly spoiled: ReadonlySet<string>;
}

export function validate(values: Record<string, unknown>, locate: (path: KeyPath) => Source): Validated {
  const first = configSchema.safeParse(values);
  if (first.success) return { problems: [], config: first.data, spoiled: new Set() };
  const problems: Problem[] = [];
  const spoiled = new Set<string>();
  const sound = structuredClone(values);
  for (const issue of first.error.issues) {
    const path = issue.path as KeyPath;
    for (const found of problemsOf(issue, path, values)) {
      problems.push({ path: pathText(found.path), message: found.message, source: locate(found.path) });
    }
    if (issue.code === "unrecognized_keys") for (const name of issue.keys) setAside(sound, [...path, name], spoiled);
    else setAside(sound, path, spoiled);
  }
  // A map or list that was wrong in several places may need a second look; each one sets at least one key aside.
  let second = configSchema.safeParse(sound);
  for (let round = 0; !second.success && round < keyList.length; round += 1) {
    for (const issue of second.error.issues) setAside(sound, issue.path as KeyPath, spoiled);
    second = configSchema.safeParse(sound);
  }
  return { problems, config: second.success ? second.data : configSchema.parse({}), spoiled };
}

function problemsOf(
  issue: z.core.$ZodIssue,
  path: KeyPath,
  values: Record<string, unknown>,
): { path: KeyPath; message: string }[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((name) => ({ path: [...path, name], message: unknownKey(path, name) }));
  }
  const value = valueAt(values, path);
  const schema = schemaAt(path);
  const wanted = schema === null ? "of another form" : expectationOf(schema, path);
  if (value === undefined) return [{ path, message: `This field is missing: it must be ${wanted}.` }];
  const shown = factsAt(path)?.secret === true ? "" : `, not ${show(value)}`;
  return [{ path, message: `It must be ${wanted}${shown}.` }];
}

function expectationOf(schema: z.core.$ZodType, path: KeyPath): string {
  const names = namesAt(path);
  const known = expectation(schema);
  return names.length > 0 && known === "of another form" ? `a map with the keys ${names.join(", ")}` : known;
}

function unknownKey(parent: KeyPath, name: string): string {
  const siblings = namesAt(parent);
  const near = didYouMean(name, siblings);
  if (near !== "") return `Unknown key.${near}`;
  const elsewhere = keyList.find((entry) => entry.path.at(-1) === name || entry.path[0] === name);
  if (elsewhere !== undefined) {
    const whole = elsewhere.path[0] === name ? name : elsewhere.name;
    return `Unknown key. Did you mean ${whole}?`;
  }
  if (name.endsWith("_file") && siblings.includes(name.slice(0, -5))) {
    return `Unknown key: only secrets may be given as a file, and ${name.slice(0, -5)} is none.`;
  }
  if (siblings.length > LISTED_NAMES) return "Unknown key. `miroir config print` shows the known ones.";
  return `Unknown key. Known here: ${siblings.join(", ")}.`;
}

/** Removes the value, or the whole list or map entry that it is part of, so that the default stands in for it. */
function setAside(values: Record<string, unknown>, path: KeyPath, spoiled: Set<string>): void {
  const top: string[] = [];
  let holder: Record<string, unknown> = values;
  for (const step of path) {
    const name = String(step);
    top.push(name);
    const next = holder[name];
    const declared = factsAt(top) !== undefined;
    if (declared || !isRecord(next) || top.length === path.length) {
      delete holder[name];
      spoiled.add(top.join("."));
      return;
    }
    holder = next;
  }
}

export function valueAt(values: unknown, path: KeyPath): unknown {
  let value: unknown = values;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

const SHOWN_CHARS = 60;
const LISTED_NAMES = 16;

function show(value: unknown): string {
  if (value === null) return "empty";
  const text = JSON.stringify(value);
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
