/** What the machine has to know of an index to judge answers: its documents' ids and kinds of values, and its settings. */
import { nodeRequest } from "../support/nodes.ts";
import { canonical, member, parseExact, type Exact } from "./exact-json.ts";
import { LOOKS_LIKE_NUMBER } from "./judge-facets.ts";
import type { World } from "./world.ts";

// oxlint-disable-next-line typescript/no-explicit-any
export type Settings = Readonly<Record<string, any>>;

export interface IndexFacts {
  readonly ids: readonly string[];
  readonly mixed: ReadonlySet<string>;
  /**
   * By field: the documents of which the engine has two ideas whether they share a value with another. They have several
   * values, or a text that looks like a number in a field that also holds numbers.
   */
  readonly odd: ReadonlyMap<string, readonly string[]>;
  /** By field: the documents that hold a blank text. */
  readonly blank: ReadonlyMap<string, readonly string[]>;
  readonly settings: Settings;
}

export interface Facts {
  of(index: string): Promise<IndexFacts>;
}

/** Read from the single node when first needed. */
export function createFacts(world: World): Facts {
  const known = new Map<string, Promise<IndexFacts>>();
  return {
    of(index) {
      const facts = known.get(index) ?? readFacts(world, index);
      known.set(index, facts);
      return facts;
    },
  };
}

const PAGE = 1_000;

async function readFacts(world: World, index: string): Promise<IndexFacts> {
  const { single } = world;
  const settings = (await nodeRequest(single, "GET", `/indexes/${index}/settings`)).body as Settings;
  const ids: string[] = [];
  const kinds = new Map<string, Set<"number" | "numeric text">>();
  const odd = new Map<string, string[]>();
  const perhaps = new Map<string, string[]>();
  const blanks = new Map<string, string[]>();
  for (let offset = 0; ; offset += PAGE) {
    const page = await nodeRequest(single, "GET", `/indexes/${index}/documents?limit=${PAGE}&offset=${offset}`);
    const results = member(parseExact(page.text), "results");
    if (results?.kind !== "array" || results.items.length === 0) break;
    for (const document of results.items) {
      const id = canonical(member(document, "id") ?? { kind: "plain", value: null }, () => false).replaceAll('"', "");
      ids.push(id);
      collectKinds(document, "", kinds);
      for (const [path, values] of leavesOf(document)) {
        const blank = values.some((value) => value.trim() === "");
        if (blank) blanks.set(path, [...(blanks.get(path) ?? []), id]);
        if (values.length > 1) odd.set(path, [...(odd.get(path) ?? []), id]);
        else if (values.some((value) => LOOKS_LIKE_NUMBER.test(value.trim()))) {
          perhaps.set(path, [...(perhaps.get(path) ?? []), id]);
        }
      }
    }
  }
  const mixed = new Set([...kinds].filter(([, of]) => of.size === 2).map(([field]) => field));
  for (const field of mixed) odd.set(field, [...(odd.get(field) ?? []), ...(perhaps.get(field) ?? [])]);
  return { ids, mixed, odd, blank: blanks, settings };
}

/** What stands at each path, objects and lists entered. */
function leavesOf(document: Exact): ReadonlyMap<string, readonly string[]> {
  const leaves = new Map<string, string[]>();
  const walk = (value: Exact, path: string): void => {
    if (value.kind === "array") for (const item of value.items) walk(item, path);
    else if (value.kind === "object") {
      for (const [key, item] of value.members) walk(item, path === "" ? key : `${path}.${key}`);
    } else {
      const known = leaves.get(path) ?? [];
      leaves.set(path, known);
      known.push(value.kind === "string" ? value.value : canonical(value, () => false));
    }
  };
  walk(document, "");
  return leaves;
}

function collectKinds(value: Exact, path: string, into: Map<string, Set<"number" | "numeric text">>): void {
  if (value.kind === "array") for (const item of value.items) collectKinds(item, path, into);
  else if (value.kind === "object") {
    for (const [key, item] of value.members) collectKinds(item, path === "" ? key : `${path}.${key}`, into);
  } else if (value.kind !== "plain") {
    const known = into.get(path) ?? new Set();
    into.set(path, known);
    if (value.kind === "number") known.add("number");
    else if (LOOKS_LIKE_NUMBER.test(value.value.trim())) known.add("numeric text");
  }
}

export function maxTotalHitsOf(settings: IndexFacts["settings"]): number {
  return Number(settings["pagination"]?.["maxTotalHits"] ?? 1_000);
}
