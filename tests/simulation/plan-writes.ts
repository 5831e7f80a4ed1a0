/** What clients write, drawn from the seed, and what each write does to a document or a setting. */
import type { Dice } from "./dice.ts";
import { normalizedWords } from "./node-documents.ts";
import { EXPIRY, type Doc, type Effect, type IndexName, type WriteRecord } from "./history.ts";

export const KEYS = ["k0", "k1", "k2", "k3", "k4", "k5"] as const;
const TAGS = ["red", "green", "blue"] as const;

export interface PlannedWrite {
  readonly kind: WriteRecord["kind"];
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly effectOn: WriteRecord["effectOn"];
}

/** What a document says of when it expires. */
export type Expires = () => Readonly<Record<string, number | null>>;

/** Soon in most cases, so that clients write again what is about to expire; `dice` are of their own. */
export function drawExpiry(dice: Dice, wallMs: number): ReturnType<Expires> {
  if (dice.chance(0.4)) return {};
  const aheadMs = dice.pick([-1_000, 300, 1_000, 2_500, 2_500, 10_000, YEAR_MS, null]);
  return { [EXPIRY]: aheadMs === null ? null : Math.floor(wallMs + aheadMs) };
}

const YEAR_MS = 31_536_000_000;

export function planWrite(
  dice: Dice,
  number: number,
  index: IndexName,
  deletesByFilter: boolean,
  expires?: Expires,
): PlannedWrite {
  const documents = `/indexes/${index}/documents`;
  const toNothing = on(index, () => null);
  const kind = "documents";
  const roll = dice.fraction();
  if (roll < 0.4) return addition(dice, number, index, "POST", expires);
  if (roll < 0.62) return addition(dice, number, index, "PUT", expires);
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
    const effectOn = (key: string): Effect | null => (keys.includes(key) ? toNothing : null);
    return { kind, method: "POST", path: `${documents}/delete-batch`, body: keys, effectOn };
  }
  if (roll < 0.97) {
    const tag = dice.pick(TAGS);
    const effect = on(index, (before) => (before?.["tag"] === tag ? null : before));
    return {
      kind,
      method: "POST",
      path: `${documents}/delete`,
      body: { filter: `tag = ${tag}` },
      effectOn: (key) => (isDocument(key) ? effect : null),
    };
  }
  return { kind, method: "DELETE", path: documents, effectOn: (key) => (isDocument(key) ? toNothing : null) };
}

/** Settings that change nothing of what a search finds; each is a thing of its own, like a document. */
export const SETTINGS = ["stopWords", "searchCutoffMs"] as const;

export function planSettings(dice: Dice, number: number, index: IndexName): PlannedWrite {
  const changed = dice.chance(0.3) ? SETTINGS : [dice.pick(SETTINGS)];
  const values = changed.map((name) => [name, dice.chance(0.2) ? null : valueOf(name, number)] as const);
  const body = Object.fromEntries(values);
  return {
    kind: "settings",
    method: "PATCH",
    path: `/indexes/${index}/settings`,
    body,
    effectOn: (name) => (name in body ? on(index, () => settingState(stored(body), name)) : null),
  };
}

/** The index goes, with all documents and settings; whoever writes to it next makes it anew. */
export function planDeletion(index: IndexName): PlannedWrite {
  const toNothing = on(index, () => null);
  return { kind: "documents", method: "DELETE", path: `/indexes/${index}`, effectOn: () => toNothing };
}

/** It is made without documents; one that is there stays as it is. */
export function planCreation(index: IndexName): PlannedWrite {
  const body = { uid: index, primaryKey: "id" };
  return { kind: "documents", method: "POST", path: "/indexes", body, effectOn: () => null };
}

/** The indexes exchange their names, with everything in them. */
export const SWAP: PlannedWrite = {
  kind: "swap",
  method: "POST",
  path: "/swap-indexes",
  body: [{ indexes: ["films", "shows"] }],
  effectOn:
    () =>
    ({ films, shows }) => ({ films: shows, shows: films }),
};

/** The index gets the other name, which has to be free. */
export function planRename(from: IndexName): PlannedWrite {
  const to = otherName(from);
  const effect: Effect = (before) => (before[to] === null ? { ...before, [from]: null, [to]: before[from] } : before);
  return { kind: "swap", method: "PATCH", path: `/indexes/${from}`, body: { uid: to }, effectOn: () => effect };
}

export function otherName(index: IndexName): IndexName {
  return index === "films" ? "shows" : "films";
}

/** What a write to one index does; the other stays as it is. */
function on(index: IndexName, change: (before: Doc | null) => Doc | null): Effect {
  return (before) => ({ ...before, [index]: change(before[index]) });
}

/** Every third word is one that the engine stores in another form. */
function valueOf(name: (typeof SETTINGS)[number], number: number): unknown {
  if (name !== "stopWords") return 1_000 + number;
  return [number % 3 === 0 ? `É${number}` : `w${number}`];
}

/** As nodes show what a client sent. */
function stored(body: Doc): Doc {
  const words = body["stopWords"];
  return Array.isArray(words) ? { ...body, stopWords: normalizedWords(words as string[]) } : body;
}

/** One of `SETTINGS` as a state; null: as in a new index. */
export function settingState(settings: Doc, name: string): Doc | null {
  const value = settings[name] ?? null;
  return value === null || (Array.isArray(value) && value.length === 0) ? null : { value };
}

function isDocument(key: string): boolean {
  return (KEYS as readonly string[]).includes(key);
}

/** A document may stand in a batch twice: the later one counts. */
export function addition(
  dice: Dice,
  number: number,
  index: IndexName,
  method: "POST" | "PUT",
  expires: Expires = () => ({}),
): PlannedWrite {
  const keys = someKeys(dice, 4);
  if (dice.chance(0.1)) keys.push(keys[0] as string);
  const body = keys.map((id, place): Doc => {
    const value = `${number}.${place}`;
    if (method === "POST") return { id, tag: dice.pick(TAGS), a: value, b: value, ...expires() };
    return dice.chance(0.3) ? { id, tag: dice.pick(TAGS), b: value, ...expires() } : { id, b: value, ...expires() };
  });
  return {
    kind: "documents",
    method,
    path: `/indexes/${index}/documents?primaryKey=id`,
    body,
    effectOn: (key) => {
      const mine = body.filter(({ id }) => id === key);
      if (mine.length === 0) return null;
      if (method === "POST") return on(index, () => mine.at(-1) as Doc);
      return on(index, (before) => mine.reduce<Doc>((state, change) => ({ ...state, ...change }), before ?? {}));
    },
  };
}

function someKeys(dice: Dice, max: number): string[] {
  const keys = new Set<string>();
  const count = 1 + dice.below(max);
  while (keys.size < count) keys.add(dice.pick(KEYS));
  return [...keys];
}
