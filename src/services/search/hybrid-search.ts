/**
 * The story of a hybrid search: its list by words and its list by meaning are asked of the nodes, each is merged over
 * all shards, and the two become one answer. The query is embedded once, and only if the words alone do not settle it.
 */
import { nodeError } from "../../core/errors/api-error.ts";
import type { SpellingChoice } from "../../core/merge/facets.ts";
import { areWordsEnough, mergeHybrid, type HybridList, type HybridSide } from "../../core/merge/merge-hybrid.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import { planHybrid, planSemantic, type HybridPlan } from "../../core/search/plan-hybrid.ts";
import type { PlanSearchInput } from "../../core/search/plan-search.ts";
import type { NodeQuery, SearchPlan } from "../../core/search/search-plan.ts";
import { readDegraded } from "../../telemetry/events/search.ts";
import { embedQuery } from "./embed-query.ts";
import { abortion, countRefusalsAsMissing, gatherParts, type Gathered } from "./gather-parts.ts";
import { gatherAnswers, gatherWithoutThreshold, requireAnswers, searchMetadata, searchTask } from "./gather-search.ts";
import { refuseUnsupported, throwRefusal } from "./judge-by-node.ts";
import type { SearchDeps, SearchInput, SearchResult } from "./search.ts";
import { settleSpellings } from "./settle-spellings.ts";

export async function hybridSearch(
  deps: SearchDeps,
  planning: PlanSearchInput,
  input: SearchInput,
  signal: AbortSignal,
): Promise<SearchResult> {
  const { request } = planning;
  // The engine looks at the embedder before anything else.
  if (!knowsEmbedder(planning)) await throwRefusal(deps.relay, input.judgement, signal);
  const planned = planHybrid(planning);
  if (planned.kind === "unsupported") return refuseUnsupported(deps.relay, input.judgement, planned.message, signal);
  const { plan } = planned;
  const work: Work = { deps, planning, plan, input, signal };
  const words = gatherSide(work, plan.keyword);
  const [meaning, keyword] = await Promise.allSettled([
    gatherMeaning(work, request.body["vector"] ?? null, words),
    words,
  ]);
  // Where both are refused, the engine speaks of what the list by meaning was refused for.
  if (meaning.status === "rejected") throw meaning.reason;
  if (keyword.status === "rejected") throw keyword.reason;
  return mergeSides(work, { keyword: keyword.value, semantic: meaning.value });
}

interface Work {
  readonly deps: SearchDeps;
  readonly planning: PlanSearchInput;
  readonly plan: HybridPlan;
  readonly input: SearchInput;
  readonly signal: AbortSignal;
}

/** One of the two lists, as far as it has been gathered. */
interface Side {
  readonly plan: SearchPlan;
  readonly gathered: Gathered<NodeAnswer>;
  readonly withoutThreshold: readonly NodeAnswer[] | null;
}

type Sides = { readonly keyword: Side; readonly semantic: Side | null };

function knowsEmbedder({ request, entry }: PlanSearchInput): boolean {
  const { embedder } = request.body["hybrid"] as { readonly embedder: unknown };
  const embedders = entry.settings["embedders"];
  return (
    typeof embedder === "string" &&
    typeof embedders === "object" &&
    embedders !== null &&
    Object.hasOwn(embedders, embedder)
  );
}

/** null: the words are good enough, or cannot be embedded. */
async function gatherMeaning(work: Work, vector: unknown, words: Promise<Side>): Promise<Side | null> {
  const { deps, planning, plan, input, signal } = work;
  let known = vector;
  if (known === null) {
    if (plan.wordsMaySettle && areWordsEnough(answersOf(await words), plan.ratio, plan.keyword.merge))
      return null;
    const embedded = await embedQuery(deps.relay, planning.entry.uid, planning.request, signal);
    if (embedded.kind === "refused") {
      // Like the engine: what cannot be embedded is searched for by its words.
      if (embedded.error.code === "vector_embedding_error") return null;
      throw nodeError(embedded.status, embedded.error);
    }
    known = embedded.vector;
  }
  const planned = planSemantic(planning, known);
  if (planned.kind === "unsupported") return refuseUnsupported(deps.relay, input.judgement, planned.message, signal);
  return gatherSide(work, planned.plan);
}

async function gatherSide({ deps, planning, input, signal }: Work, plan: SearchPlan): Promise<Side> {
  const { entry } = planning;
  const [gathered, withoutThreshold] = await Promise.all([
    gatherAnswers(deps, plan, entry, input.judgement, signal),
    plan.query.withoutThreshold === null ? null : gatherWithoutThreshold(deps, plan, entry, signal),
  ]);
  return { plan, gathered, withoutThreshold };
}

/** Merges; an answer that turns out to be garbage on the way is asked from another owner, as if it had not come. */
async function mergeSides(work: Work, sides: Sides): Promise<SearchResult> {
  const { deps, planning, plan, input, signal } = work;
  const { entry, request } = planning;
  const requestUid = input.requestUid ?? deps.random.uuidV7();
  const metadata = input.includeMetadata ? searchMetadata(deps.random, entry, request) : null;
  const { merge: spec } = plan.keyword;
  let spelling: SpellingChoice | undefined;
  for (;;) {
    for (const side of [sides.keyword, sides.semantic]) if (side !== null) requireAnswers(deps, side.gathered, entry);
    const merged = mergeHybrid({
      keyword: listOf(sides.keyword),
      semantic: sides.semantic === null ? null : listOf(sides.semantic),
      ratio: plan.ratio,
      spec,
      requestUid,
      metadata,
      ...(spelling === undefined ? {} : { spelling }),
    });
    if (merged.kind === "garbage") {
      // Every turn leaves out one more node, so this ends.
      spelling = undefined;
      await replaceGarbled(work, sides[merged.side]!, merged.answer);
      continue;
    }
    if (merged.disputes.length > 0 && spelling === undefined) {
      const { answers } = sides[merged.disputed]!.gathered;
      const query = disputedQuery(sides, merged.disputed);
      spelling = await settleSpellings(
        deps,
        { indexUid: entry.uid, query, answers, disputes: merged.disputes },
        signal,
      );
      if (signal.aborted) throw abortion(signal);
      continue;
    }
    const { missingShards, nodesAsked } = coverageOf(sides);
    if (missingShards.length > 0) {
      deps.emit(readDegraded, { operation: "search", indexUid: entry.uid, shards: missingShards });
    }
    const { settingsVersion } = entry;
    return { text: merged.text, missingShards, settingsVersion, nodesAsked, view: spec.view };
  }
}

/** Facets of the list by meaning are those of all documents that the filter lets through. */
function disputedQuery({ keyword, semantic }: Sides, side: HybridSide): NodeQuery {
  return side === "keyword" ? keyword.plan.query : { ...semantic!.plan.query, base: "{}" };
}

async function replaceGarbled(
  { deps, planning, signal }: Work,
  { plan, gathered }: Side,
  answer: number,
): Promise<void> {
  const [garbled] = gathered.answers.splice(answer, 1);
  gathered.failed.add(garbled!.nodeId);
  gathered.missing.push(...garbled!.shards);
  await gatherParts(deps, searchTask(deps, plan, planning.entry, plan.query.base), gathered, [], signal);
  countRefusalsAsMissing(gathered);
}

function answersOf({ gathered }: Side): readonly NodeAnswer[] {
  return gathered.answers.map(({ answer }) => answer);
}

function listOf(side: Side): HybridList {
  return { answers: answersOf(side), withoutThreshold: side.withoutThreshold };
}

function coverageOf(sides: Sides): Pick<SearchResult, "missingShards" | "nodesAsked"> {
  const gathered = [sides.keyword, sides.semantic].flatMap((side) => (side === null ? [] : [side.gathered]));
  const missing = new Set(gathered.flatMap((side) => side.missing));
  const nodes = new Set(gathered.flatMap((side) => [...side.failed, ...side.answers.map(({ nodeId }) => nodeId)]));
  return { missingShards: [...missing].sort((a, b) => a - b), nodesAsked: nodes.size };
}
