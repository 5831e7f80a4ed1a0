/**
 * Two lists of documents that are not equal. Two causes count as listed: trees that have lost documents which a comparison
 * of the filter should find, as the nodes say themselves; and that with several criteria the engine skips
 * to an offset by numbers of documents, while its list leaves some out (values that are null or empty) and has others
 * twice (numbers and texts); so what is behind the offset is not what the whole list has there.
 */
import { nodeRequest } from "../support/nodes.ts";
import { different, firstDifference, normal } from "./compare.ts";
import { items, member, parseExact, without, type Exact } from "./exact-json.ts";
import { compares, lostDocuments, withoutDocuments } from "./lost-documents.ts";
import { indexOf, type DifferentialRequest } from "./request.ts";
import { searchBody } from "./search-body.ts";
import type { Comparison } from "./verdict.ts";
import type { Target } from "./witness.ts";

export interface JudgeDocumentsInput {
  readonly left: Exact;
  readonly right: Exact;
  readonly request: DifferentialRequest;
  readonly world: { readonly single: Target; readonly miroir: Target };
  /** Of Miroir, those that are alive. */
  readonly nodes: readonly Target[];
}

const RESULTS: ReadonlySet<string> = new Set(["results"]);
const WINDOW = 10_000;

export async function judgeDocuments(input: JudgeDocumentsInput): Promise<Comparison> {
  const { left, right, request, world } = input;
  const difference = firstDifference(left, right);
  const body = searchBody(request, null)?.body ?? {};
  if (await hasLostDocuments(input, body)) return { verdict: "facet_lost", difference };
  const sort = body["sort"];
  if (!Array.isArray(sort) || sort.length === 0) return different(difference);
  if (normal(without(left, RESULTS)) !== normal(without(right, RESULTS))) return different(difference);
  const wide = async (target: Target): Promise<readonly Exact[]> => {
    const { fields: _fields, offset: _offset, limit: _limit, ...rest } = body;
    const path = `/indexes/${indexOf(request)}/documents/fetch`;
    const answer = await nodeRequest(target, "POST", path, { ...rest, offset: 0, limit: WINDOW });
    return answer.status === 200 ? items(member(parseExact(answer.text), "results")) : [];
  };
  const [single, miroir] = await Promise.all([wide(world.single), wide(world.miroir)]);
  const several = sort.length > 1 && Number(body["offset"] ?? 0) > 0;
  const inOrder = (documents: readonly Exact[]): string => documents.map(normal).join("\n");
  const explained = several && inOrder(single) === inOrder(miroir);
  return explained ? { verdict: "documents_sort", difference } : different(difference);
}

/** Are the lists alike without the documents that a comparison finds on one side only? */
async function hasLostDocuments(
  { request, world, nodes }: JudgeDocumentsInput,
  body: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const index = indexOf(request);
  if (index === undefined || !compares(body["filter"])) return false;
  const lost = await lostDocuments({ index, filter: body["filter"], single: world.single, nodes });
  if (lost.length === 0) return false;
  const rest = { ...body, filter: withoutDocuments(body["filter"], lost) };
  const [single, miroir] = await Promise.all(
    [world.single, world.miroir].map((target) =>
      nodeRequest(target, "POST", `/indexes/${index}/documents/fetch`, rest),
    ),
  );
  if (single!.status !== 200 || miroir!.status !== 200) return false;
  return normal(parseExact(single!.text)) === normal(parseExact(miroir!.text));
}
