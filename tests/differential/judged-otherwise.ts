/**
 * Did a node judge a document of a federation otherwise than the single node does? Asked of the nodes themselves, about
 * the two documents that stand at the first place where the answers differ.
 */
import { items, member, parseExact, type Exact } from "./exact-json.ts";
import { nodeRequest } from "../support/nodes.ts";
import { rawDetails } from "./raw-details.ts";
import { createWitness, idText, type Target, type Witness, type WitnessInput } from "./witness.ts";

type Body = Readonly<Record<string, unknown>>;

export interface FederatedHits {
  readonly queries: readonly Body[];
  readonly federation: Body;
  readonly single: Target;
  readonly miroir: Target;
  readonly nodes: readonly Target[];
  readonly turns: number;
  /** Of the indexes: their documents, and how many hits the single node returns at most. */
  readonly documentsOf: (index: string) => Promise<IndexDocuments>;
}

export type IndexDocuments = Pick<WitnessInput, "ids" | "maxTotalHits" | "shares">;

export async function judgedOtherwise({ queries, federation, ...world }: FederatedHits): Promise<boolean> {
  const body = { queries: queries.map(withId), federation };
  const ask = async (target: Target): Promise<readonly Exact[]> => {
    const answer = await nodeRequest(target, "POST", "/multi-search", body);
    return answer.status === 200 ? items(member(parseExact(answer.text), "hits")) : [];
  };
  const left = await ask(world.single);
  let right: readonly Exact[] = [];
  let at = -1;
  for (let turn = 0; turn < world.turns && at === -1; turn += 1) {
    right = await ask(world.miroir);
    at = left.findIndex((hit, position) => placed(hit) !== placed(right[position]));
  }
  for (const hit of at === -1 ? [] : [left[at], right[at]]) {
    if (hit === undefined) continue;
    const { indexUid, ...query } = queries[Number(text(member(member(hit, "_federation"), "queriesPosition")))]!;
    const index = String(indexUid);
    const witness = createWitness({ ...world, index, ...(await world.documentsOf(index)) });
    if (await isJudgedOtherwise(witness, query, idText(hit))) return true;
  }
  return false;
}

/** Asked among all documents, and among those of a node or a part of it: alone one may be judged in yet another way. */
async function isJudgedOtherwise(witness: Witness, query: Body, id: string): Promise<boolean> {
  const [there, here, list, wide, shares] = await Promise.all([
    witness.detailsAtSingle(query, null),
    witness.detailsAtNodes(query, null),
    witness.wideSingle(query),
    witness.wideDetailsAtNodes(query),
    witness.wideDetailsOfShares(query),
  ]);
  if ([...(here.get(id) ?? [])].some((one) => one !== there.get(id))) return true;
  const listed = list?.find((hit) => idText(hit) === id);
  if (listed === undefined) return false;
  const single = rawDetails(listed);
  return [wide, shares].some((details) => [...(details.get(id) ?? [])].some((one) => one !== single));
}

function withId(query: Body): Body {
  const retrieved = query["attributesToRetrieve"];
  return Array.isArray(retrieved) ? { ...query, attributesToRetrieve: [...(retrieved as unknown[]), "id"] } : query;
}

/** What decides the place of a hit. */
function placed(hit: Exact | undefined): string {
  if (hit === undefined) return "";
  const federation = member(hit, "_federation");
  const parts = ["indexUid", "queriesPosition", "weightedRankingScore"].map((name) => text(member(federation, name)));
  return [idText(hit), ...parts].join(" ");
}

function text(value: Exact | undefined): string {
  if (value?.kind === "number") return value.literal;
  return value?.kind === "string" ? value.value : "";
}
