/**
 * Nodes find what is near to a vector through a graph, and may miss some of it. A node that misses a document still tells
 * how near it is when it is asked about that document alone, which is the proof.
 */
import { andFilters } from "../../src/core/filters/and-filters.ts";
import { quoteValue } from "../../src/core/filters/quote-value.ts";
import { nodeRequest } from "../support/nodes.ts";
import type { Target } from "./witness.ts";

export interface RecallQuestion {
  /** Of similar documents. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly single: Target;
  readonly miroir: Target;
}

/** Is every document that only one side lists one that the other has missed, by its own word? */
export async function missesNearest({ path, body, single, miroir }: RecallQuestion): Promise<boolean> {
  const asked = { ...body, showRankingScore: true };
  const [left, right] = await Promise.all([listOf(single, path, asked), listOf(miroir, path, asked)]);
  const limit = Number(body["offset"] ?? 0) + Number(body["limit"] ?? 20);
  const missed = await Promise.all([
    misses(single, path, asked, { own: left, other: right, limit }),
    misses(miroir, path, asked, { own: right, other: left, limit }),
  ]);
  return missed.includes("missed") && !missed.includes("wrong");
}

type Scores = ReadonlyMap<string, number>;

interface Lists {
  readonly own: Scores;
  readonly other: Scores;
  readonly limit: number;
}

/** `missed`: all that it lacks would stand in its list. What a list that is full has no room for is right to be absent. */
async function misses(
  target: Target,
  path: string,
  body: Readonly<Record<string, unknown>>,
  { own, other, limit }: Lists,
): Promise<"nothing" | "missed" | "wrong"> {
  const last = own.size < limit ? -Infinity : Math.min(...own.values());
  let found: "nothing" | "missed" = "nothing";
  for (const [id, score] of other) {
    if (own.has(id) || score <= last) continue;
    const filter = andFilters(body["filter"] ?? undefined, [`id = ${quoteValue(id)}`]);
    const alone = await listOf(target, path, { ...body, filter, offset: 0, limit: 1 });
    if (alone.get(id) !== score) return "wrong";
    found = "missed";
  }
  return found;
}

async function listOf(target: Target, path: string, body: object): Promise<Scores> {
  const answer = await nodeRequest(target, "POST", path, { ...body, attributesToRetrieve: ["id"] });
  const hits = (answer.body?.hits ?? []) as readonly { readonly id: unknown; readonly _rankingScore: number }[];
  return new Map(hits.map(({ id, _rankingScore }) => [String(id), _rankingScore]));
}
