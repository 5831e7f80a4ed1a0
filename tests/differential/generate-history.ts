/**
 * Generated histories of writes: insertions in several batches, replacements, partial updates and deletions. No new id
 * comes after a deletion unless that is asked for, because a single node gives a freed internal id, and with it a place
 * in its order, to the next new document (`docs/differences.md`).
 */
import {
  makeDocument,
  makeId,
  makePartialDocument,
  type GeneratedDocument,
  type Shape,
  type Words,
} from "./generate-documents.ts";
import { EMBEDDER } from "./generate-settings.ts";
import { makeVector } from "./generate-searches.ts";
import type { Dice } from "./random.ts";
import type { DifferentialRequest } from "./request.ts";

export interface History {
  readonly writes: readonly DifferentialRequest[];
  /** Ids of documents that may be there at the end. */
  readonly ids: readonly string[];
}

export interface HistoryOptions {
  readonly index: string;
  readonly shape: Shape;
  readonly words: Words;
  readonly documents: number;
  readonly vectors: boolean;
  readonly reuseIds: boolean;
}

const BATCHES = 4;

export function makeHistory(dice: Dice, options: HistoryOptions): History {
  const { index, shape, words } = options;
  const path = `/indexes/${index}/documents`;
  const embedded = (document: GeneratedDocument): GeneratedDocument =>
    options.vectors ? withVector(dice, document) : document;
  const make = (id: string): GeneratedDocument => embedded(makeDocument(dice, words, shape, id));
  const partial = (id: string): GeneratedDocument => embedded(makePartialDocument(dice, words, shape, id));
  const ids = Array.from({ length: options.documents }, (_unused, position) => makeId(dice, position, shape));
  const writes: DifferentialRequest[] = [];
  const size = Math.ceil(ids.length / BATCHES);
  for (let from = 0; from < ids.length; from += size) {
    const fresh = ids.slice(from, from + size).map(make);
    // Documents that are there already, and one that comes twice in the same batch.
    const again = dice.some(ids.slice(0, from), Math.min(from, 12)).map(make);
    const twice = dice.chance(0.5) ? [make(ids[from] as string)] : [];
    writes.push(batch(dice, dice.pick(["POST", "PUT"]), path, [...fresh, ...again, ...twice]));
  }
  const some = (share: number): readonly string[] => dice.some(ids, Math.ceil(ids.length * share));
  writes.push(batch(dice, "PUT", path, some(0.05).map(partial)));
  writes.push(batch(dice, "POST", path, some(0.05).map(make)));
  const gone = new Set(some(0.04));
  writes.push({ method: "POST", path: `${path}/delete-batch`, body: [...gone, "never-there"] });
  const single = dice.pick(ids);
  gone.add(single);
  writes.push({ method: "DELETE", path: `${path}/${single}` });
  writes.push({ method: "POST", path: `${path}/delete`, body: { filter: `id IN [${some(0.02).join(", ")}]` } });
  const left = ids.filter((id) => !gone.has(id));
  writes.push(batch(dice, "PUT", path, dice.some(left, 5).map(partial), true));
  if (options.reuseIds)
    writes.push(
      batch(
        dice,
        "POST",
        path,
        Array.from({ length: 30 }, (_unused, n) => make(`late${n}`)),
      ),
    );
  return { writes, ids: [...left, ...dice.some([...gone], 3)] };
}

/** `skipCreation`: a document that a filter deleted must not come back under a new internal id. */
function batch(
  dice: Dice,
  method: string,
  path: string,
  documents: readonly GeneratedDocument[],
  skipCreation = false,
): DifferentialRequest {
  const query = skipCreation ? "?skipCreation=true" : "";
  const texts = documents.map(({ text }) => text);
  if (dice.chance(0.3)) {
    return { method, path: path + query, body: texts.join("\n"), headers: { "content-type": "application/x-ndjson" } };
  }
  return { method, path: path + query, body: `[${texts.join(",")}]` };
}

/** Where an embedder waits for vectors a document has to say that it has none. */
function withVector(dice: Dice, { id, text }: GeneratedDocument): GeneratedDocument {
  const vectors = JSON.stringify({ [EMBEDDER]: dice.chance(0.85) ? makeVector(dice) : null });
  return { id, text: `${text.slice(0, -1)},"_vectors":${vectors}}` };
}
