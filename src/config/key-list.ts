/**
 * The schema walked as data: every key with its path, facts and default, and the schema that stands at a path. Flags,
 * environment names, suggestions and the reference page come from here, so that nothing is listed twice.
 */
import * as z from "zod/mini";
import { keyFacts, sectionFacts, type KeyFacts } from "./key.ts";
import { configSchema } from "./keys/all.ts";
import type { KeyPath } from "./source.ts";

export interface KeyEntry {
  readonly path: readonly string[];
  /** `server.port`. */
  readonly name: string;
  readonly facts: KeyFacts;
  readonly schema: z.core.$ZodType;
  readonly byDefault: unknown;
  /** Not in this version, by itself or with its section. */
  readonly later: boolean;
}

export interface SectionEntry {
  readonly path: readonly string[];
  readonly name: string;
  readonly doc: string;
  readonly later: boolean;
}

const keys: KeyEntry[] = [];
const sections: SectionEntry[] = [];
walk(configSchema, [], false);

/** Every key, in the order of the reference page. Fields of list entries are not keys of their own. */
export const keyList: readonly KeyEntry[] = keys;
export const sectionList: readonly SectionEntry[] = sections;

const byName = new Map(keys.map((entry) => [entry.name, entry]));

export function findKey(name: string): KeyEntry | undefined {
  return byName.get(name);
}

function walk(schema: z.core.$ZodType, path: readonly string[], parentLater: boolean): void {
  const facts = sectionFacts.get(schema);
  const object = unwrap(schema);
  if (facts === undefined || !(object instanceof z.ZodMiniObject)) return;
  const later = parentLater || facts.later === true;
  if (path.length > 0) sections.push({ path, name: path.join("."), doc: facts.doc, later });
  for (const [step, child] of Object.entries(object.shape)) {
    const childPath = [...path, step];
    const childFacts = keyFacts.get(child);
    if (childFacts === undefined) {
      walk(child, childPath, later);
      continue;
    }
    keys.push({
      path: childPath,
      name: childPath.join("."),
      facts: childFacts,
      schema: unwrap(child),
      byDefault: child instanceof z.ZodMiniDefault ? child.def.defaultValue : undefined,
      later: later || childFacts.later === true,
    });
  }
}

/** The schema below defaults; limits and form are there. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodMiniDefault || schema instanceof z.ZodMiniPrefault
    ? unwrap(schema.def.innerType)
    : schema;
}

/** The unwrapped schema at a path below `miroir:`, through lists and maps too; null where nothing is declared. */
export function schemaAt(path: KeyPath): z.core.$ZodType | null {
  let schema = unwrap(configSchema);
  for (const step of path) {
    const child = childOf(schema, step);
    if (child === undefined) return null;
    schema = unwrap(child);
  }
  return schema;
}

function childOf(schema: z.core.$ZodType, step: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodMiniObject) {
    const shape = schema.shape as Record<string, z.core.$ZodType>;
    return Object.hasOwn(shape, step) ? shape[step] : undefined;
  }
  if (schema instanceof z.ZodMiniArray) return schema.def.element;
  if (schema instanceof z.ZodMiniRecord) return schema.def.valueType;
  return undefined;
}

/** The names that may stand at a path. */
export function namesAt(path: KeyPath): readonly string[] {
  const schema = schemaAt(path);
  return schema instanceof z.ZodMiniObject ? Object.keys(schema.shape) : [];
}

/** The facts of the nearest declared key at or above a path; a list entry's field answers for itself. */
export function factsAt(path: KeyPath): KeyFacts | undefined {
  let schema: z.core.$ZodType | undefined = unwrap(configSchema);
  let facts: KeyFacts | undefined;
  for (const step of path) {
    schema = childOf(unwrap(schema), step);
    if (schema === undefined) return facts;
    facts = keyFacts.get(schema) ?? facts;
  }
  return facts;
}
