/**
 * Two lists of documents that are not equal. The one cause that counts as listed: sorted by a field of which the nodes
 * do not say under which value a document stands (lists of numbers and strings, coordinates written as strings).
 */
import { nodeRequest } from "../support/nodes.ts";
import { different, firstDifference, normal } from "./compare.ts";
import { items, member, parseExact, without, type Exact } from "./exact-json.ts";
import { indexOf, type DifferentialRequest } from "./request.ts";
import { searchBody } from "./search-body.ts";
import type { Comparison } from "./verdict.ts";
import { idText, type Target } from "./witness.ts";

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
  // Such a document can hold up those that its node lists behind it, so only the whole list can be compared.
  const unclear = new Set([...repeated(single), ...single.filter(hasTextPoint).map(idText)]);
  const all = (documents: readonly Exact[]): string => documents.map(normal).sort().join("\n");
  const explained = unclear.size > 0 && all(single) === all(miroir);
  return explained ? { verdict: "documents_sort", difference } : different(difference);
}

/** The engine lists a document with numbers and strings once for each kind. */
function repeated(documents: readonly Exact[]): readonly string[] {
  const seen = new Set<string>();
  return documents.map(idText).filter((id) => seen.has(id) || !seen.add(id));
}

function hasTextPoint(document: Exact): boolean {
  const point = member(document, "_geo");
  return member(point, "lat")?.kind === "string" || member(point, "lng")?.kind === "string";
}
