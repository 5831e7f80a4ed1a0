/**
 * Two lists of documents that are not equal. The one cause that counts as listed: with several criteria the engine skips
 * to an offset by numbers of documents, while its list leaves some out (values that are null or empty) and has others
 * twice (numbers and texts); so what is behind the offset is not what the whole list has there.
 */
import { nodeRequest } from "../support/nodes.ts";
import { different, firstDifference, normal } from "./compare.ts";
import { items, member, parseExact, without, type Exact } from "./exact-json.ts";
import { indexOf, type DifferentialRequest } from "./request.ts";
import { searchBody } from "./search-body.ts";
import type { Comparison } from "./verdict.ts";
import type { Target } from "./witness.ts";

export interface JudgeDocumentsInput {
  readonly left: Exact;
  readonly right: Exact;
  readonly request: DifferentialRequest;
  readonly world: { readonly single: Target; readonly miroir: Target };
}

const RESULTS: ReadonlySet<string> = new Set(["results"]);
const WINDOW = 10_000;

export async function judgeDocuments({ left, right, request, world }: JudgeDocumentsInput): Promise<Comparison> {
  const difference = firstDifference(left, right);
  const body = searchBody(request, null)?.body ?? {};
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
