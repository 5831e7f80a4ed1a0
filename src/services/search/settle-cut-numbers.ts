/**
 * Asks nodes once more for the numbers of a facet that they have cut off by another order than that of the whole: only
 * for those up to the last one that can be shown, of which there are few. Whatever cannot be had stays as it was listed.
 */
import { cutNumbers, endsInNumbers, lastShown, withValues } from "../../core/merge/cut-numbers.ts";
import type { CutNumbers } from "../../core/merge/cut-numbers.ts";
import { distributionText, readFacetDistribution, type FacetValue } from "../../core/merge/facet-text.ts";
import { isNumberIn, type FacetPart, type FacetRules } from "../../core/merge/facets.ts";
import { quoteValue } from "../../core/filters/quote-value.ts";
import { readFacetPart } from "../../core/merge/merge-search.ts";
import { readNodeAnswer, type NodeAnswer } from "../../core/merge/node-answer.ts";
import { raisedMaxValuesPerFacet } from "../../core/settings/node-form.ts";
import { partFilter, type NodeQuery } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import { decidingWords } from "./deciding-words.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";

export interface CutFacets {
  readonly indexUid: string;
  readonly query: NodeQuery;
  readonly rules: FacetRules;
  readonly answers: readonly PartAnswer<NodeAnswer>[];
}

/** The answers with whole lists of what is shown of them. */
export async function settleCutNumbers(
  deps: GatherDeps,
  facets: CutFacets,
  signal: AbortSignal,
): Promise<readonly PartAnswer<NodeAnswer>[]> {
  const { answers, rules } = facets;
  const read = answers.map(({ answer }) => readFacetPart(answer));
  if (read.includes(null)) return answers;
  const parts = read as FacetPart[];
  const listedMax = raisedMaxValuesPerFacet(rules.valuesMax);
  let open = cutNumbers(parts, rules, listedMax);
  if (open.length === 0) return answers;
  const changed = new Set(open.map(({ position }) => position));
  // Each answer tells smaller numbers, so that the next question is about fewer.
  for (let round = 0; round < ROUNDS_MAX && open.length > 0; round += 1) {
    const asked = open.map((cut) => ({ ...cut, upTo: lastShown(parts, cut.field, rules.valuesMax) }));
    const found = await Promise.all(asked.map((cut) => ask(deps, facets, cut, signal)));
    open = open.filter((cut, i) => {
      const values = found[i];
      if (values === undefined) return false;
      const part = parts[cut.position]!;
      parts[cut.position] = withValues(part, cut.field, numbersUpTo(part, cut.field, values, asked[i]!.upTo));
      return endsInNumbers(part, cut.field, values, listedMax);
    });
  }
  return answers.map((one, position) => {
    if (!changed.has(position)) return one;
    return { ...one, answer: { ...one.answer, facetDistribution: distributionText(parts[position]!.distribution) } };
  });
}

/** Of documents with a number up to this one the others are not all there. */
function numbersUpTo(
  { stats }: FacetPart,
  field: string,
  values: readonly FacetValue[],
  upTo: string | undefined,
): readonly FacetValue[] {
  const range = stats.get(field)!;
  return values.filter(({ value }) => isNumberIn(value, range) && Number(value) <= Number(upTo));
}

/** What the node lists of documents with a number up to this one; undefined: it does not tell. */
async function ask(
  deps: GatherDeps,
  { indexUid, query, answers }: CutFacets,
  { position, field, upTo }: CutNumbers & { readonly upTo: string | undefined },
  signal: AbortSignal,
): Promise<readonly FacetValue[] | undefined> {
  if (upTo === undefined) return undefined;
  const { nodeId, shards } = answers[position]!;
  const body = {
    ...decidingWords(query),
    filter: partFilter(query, shards, [`${quoteValue(field)} <= ${quoteValue(upTo)}`]),
    facets: [field],
    limit: 0,
  };
  const request = {
    method: "POST",
    path: `/indexes/${indexUid}/search`,
    body: JSON.stringify(body),
    operation: "facet.numbers",
    timeoutMs: deps.policy.nodeTimeoutMs,
    repeat: "safe",
  } as const;
  const [outcome] = await scatter([{ client: deps.fleet.client(nodeId), request }], signal);
  const text = outcome?.kind === "answered" ? readNodeAnswer(outcome.text)?.facetDistribution : null;
  const fields = typeof text === "string" ? readFacetDistribution(text) : null;
  return fields?.find((one) => one.field === field)?.values;
}

const ROUNDS_MAX = 4;
