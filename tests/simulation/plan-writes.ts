/** What clients write, drawn from the seed, and what each write does to a document or a setting. */
import type { Dice } from "./dice.ts";
import type { Doc, WriteRecord } from "./history.ts";

export const INDEX = "films";
export const KEYS = ["k0", "k1", "k2", "k3", "k4", "k5"] as const;
const TAGS = ["red", "green", "blue"] as const;

export interface PlannedWrite {
  readonly kind: WriteRecord["kind"];
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly effectOn: WriteRecord["effectOn"];
}

export function planWrite(dice: Dice, number: number, deletesByFilter: boolean): PlannedWrite {
  const documents = `/indexes/${INDEX}/documents`;
  const kind = "documents";
  const roll = dice.fraction();
  if (roll < 0.4) return addition(dice, number, "POST", `${documents}?primaryKey=id`);
  if (roll < 0.62) return addition(dice, number, "PUT", `${documents}?primaryKey=id`);
  if (roll < 0.78) {
    const key = dice.pick(KEYS);
    return {
      kind,
      method: "DELETE",
      path: `${documents}/${key}`,
      effectOn: (other) => (other === key ? toNothing : null),
    };
  }
  if (roll < 0.9 || !deletesByFilter) {
    const keys = someKeys(dice, 3);
    const effectOn = (key: string): (() => null) | null => (keys.includes(key) ? toNothing : null);
    return { kind, method: "POST", path: `${documents}/delete-batch`, body: keys, effectOn };
  }
  if (roll < 0.97) {
    const tag = dice.pick(TAGS);
    return {
      kind,
      method: "POST",
      path: `${documents}/delete`,
      body: { filter: `tag = ${tag}` },
      effectOn: (key) => (isDocument(key) ? (before) => (before?.["tag"] === tag ? null : before) : null),
    };
  }
  return { kind, method: "DELETE", path: documents, effectOn: (key) => (isDocument(key) ? toNothing : null) };
}

/** Settings that change nothing of what a search finds; each is a thing of its own, like a document. */
export const SETTINGS = ["stopWords", "searchCutoffMs"] as const;

export function planSettings(dice: Dice, number: number): PlannedWrite {
  const changed = dice.chance(0.3) ? SETTINGS : [dice.pick(SETTINGS)];
  const values = changed.map((name) => [name, dice.chance(0.2) ? null : valueOf(name, number)] as const);
  const body = Object.fromEntries(values);
  return {
    kind: "settings",
    method: "PATCH",
    path: `/indexes/${INDEX}/settings`,
    body,
    effectOn: (name) => (name in body ? () => settingState(body, name) : null),
  };
}

function valueOf(name: (typeof SETTINGS)[number], number: number): unknown {
  return name === "stopWords" ? [`w${number}`] : 1_000 + number;
}

/** One of `SETTINGS` as a state; null: as in a new index. */
export function settingState(settings: Doc, name: string): Doc | null {
  const value = settings[name] ?? null;
  return value === null || (Array.isArray(value) && value.length === 0) ? null : { value };
}

function isDocument(key: string): boolean {
  return (KEYS as readonly string[]).includes(key);
}

function toNothing(): null {
  return null;
}

/** A document may stand in a batch twice: the later one counts. */
export function addition(dice: Dice, number: number, method: "POST" | "PUT", path: string): PlannedWrite {
  const keys = someKeys(dice, 4);
  if (dice.chance(0.1)) keys.push(keys[0] as string);
  const body = keys.map((id, place): Doc => {
    const value = `${number}.${place}`;
    if (method === "POST") return { id, tag: dice.pick(TAGS), a: value, b: value };
    return dice.chance(0.3) ? { id, tag: dice.pick(TAGS), b: value } : { id, b: value };
  });
  return {
    kind: "documents",
    method,
    path,
    body,
    effectOn: (key) => {
      const mine = body.filter(({ id }) => id === key);
      if (mine.length === 0) return null;
      if (method === "POST") return () => mine.at(-1) as Doc;
      return (before) => mine.reduce<Doc>((state, change) => ({ ...state, ...change }), before ?? {});
    },
  };
}

function someKeys(dice: Dice, max: number): string[] {
  const keys = new Set<string>();
  const count = 1 + dice.below(max);
  while (keys.size < count) keys.add(dice.pick(KEYS));
  return [...keys];
}
