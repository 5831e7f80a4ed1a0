/**
 * Finds out why two answers of one search are not equal. Nothing is believed on Miroir's word: that a document ties is
 * read from the single node's details, and that a node judged a document differently is heard from that node.
 */
import { different, firstDifference, normal } from "./compare.ts";
import { canonical, items, member, without, type Exact } from "./exact-json.ts";
import { judgeFacets, type FacetFacts } from "./judge-facets.ts";
import { rawDetails } from "./raw-details.ts";
import { EQUAL, worst, type Comparison, type Verdict } from "./verdict.ts";
import { idText, type Witness } from "./witness.ts";

export interface JudgeSearchInput {
  readonly left: Exact;
  readonly right: Exact;
  readonly body: Readonly<Record<string, unknown>>;
  readonly witness: Witness;
  readonly facets: FacetFacts;
  /** Is only one document per value shown? Then what a side does not show may be hidden behind another. */
  readonly distinct: boolean;
  /** Why documents are found by one side alone, if that has a name of its own. */
  readonly named: () => Promise<{ readonly verdict: Verdict; readonly reason: string } | null>;
  /** Asked of what nothing else explains. */
  readonly excuse: (sameHits: boolean) => Promise<{ readonly verdict: Verdict; readonly reason: string } | null>;
}

const PARTS: ReadonlySet<string> = new Set([
  "hits",
  "facetDistribution",
  "facetStats",
  "estimatedTotalHits",
  "totalHits",
  "totalPages",
  "semanticHitCount",
]);
/** Members of a hit that the query computes from the words of a shard. */
const FORMATTED: ReadonlySet<string> = new Set(["_formatted", "_matchesPosition"]);
const SCORED: ReadonlySet<string> = new Set(["_rankingScore", "_rankingScoreDetails"]);
const COMPUTED: ReadonlySet<string> = new Set([...FORMATTED, ...SCORED]);

export async function judgeSearch(input: JudgeSearchInput): Promise<Comparison> {
  const { left, right } = input;
  const difference = firstDifference(left, right);
  if (normal(without(left, PARTS)) !== normal(without(right, PARTS))) return different(difference);
  const hits = judgeCounted(input, await judgeHits(input, difference));
  if (hits === null) return different(difference);
  const judged = hits.verdict === "different" || hits.verdict === "engine_local" ? hits : await judgeRest(input, hits);
  if (judged.verdict !== "different" && judged.verdict !== "engine_local") return judged;
  const named = await input.named();
  if (named === null && judged.verdict === "engine_local") return judged;
  const excuse = named ?? (await input.excuse(hits.verdict !== "different"));
  return excuse === null ? judged : { verdict: excuse.verdict, difference: `${judged.difference} (${excuse.reason})` };
}

/** How many hits come by meaning may differ only because other hits are shown. null: the same hits are counted otherwise. */
function judgeCounted({ left, right }: JudgeSearchInput, hits: Comparison): Comparison | null {
  const [own, other] = [left, right].map((answer) =>
    canonical(member(answer, "semanticHitCount") ?? NOTHING, () => false),
  );
  if (own === other) return hits;
  return hits.verdict === "different" || hits.verdict === "engine_local" ? hits : null;
}

const NOTHING: Exact = { kind: "plain", value: null };

async function judgeRest(input: JudgeSearchInput, hits: Comparison): Promise<Comparison> {
  const totals = await judgeTotals(input);
  // Other documents mean other totals and other facets.
  if (totals.verdict === "different" || totals.verdict === "engine_local") return totals;
  return worst([hits, totals, await judgeCounts(input)]);
}

async function judgeCounts({ left, right, facets }: JudgeSearchInput): Promise<Comparison> {
  const distribution = await judgeFacets(member(left, "facetDistribution"), member(right, "facetDistribution"), facets);
  const [leftStats, rightStats] = [member(left, "facetStats"), member(right, "facetStats")];
  const stats =
    leftStats === rightStats ||
    (leftStats !== undefined && rightStats !== undefined && normal(leftStats) === normal(rightStats))
      ? EQUAL
      : different(
          leftStats && rightStats ? `facetStats: ${firstDifference(leftStats, rightStats)}` : "one has facetStats",
        );
  return worst([distribution, stats]);
}

async function judgeHits(input: JudgeSearchInput, difference: string): Promise<Comparison> {
  const leftHits = items(member(input.left, "hits"));
  const rightHits = items(member(input.right, "hits"));
  if (leftHits.map(normal).join() === rightHits.map(normal).join()) return EQUAL;
  // From here on hits are known by their ids, whatever the client retrieves.
  const leftPage = await input.witness.single(input.body);
  const rightPage = leftPage && (await input.witness.miroirUnlike(input.body, leftPage));
  if (leftPage === null || rightPage === null) return different(difference);
  const sameOrder = leftPage.map(idText).join() === rightPage.map(idText).join();
  if (sameOrder) {
    const content = await judgeContent(input, leftPage, rightPage, difference);
    if (content.verdict !== "different") return content;
  }
  return judgeOrder(input, leftPage, rightPage, difference);
}

/** The same documents in the same order, printed differently. */
async function judgeContent(
  { witness, body }: JudgeSearchInput,
  left: readonly Exact[],
  right: readonly Exact[],
  difference: string,
): Promise<Comparison> {
  const changed = right.filter((hit, position) => normal(hit) !== normal(left[position] as Exact));
  let verdict: Verdict = "equal";
  for (const hit of changed) {
    const expected = left.find((other) => idText(other) === idText(hit)) as Exact;
    if (normal(without(hit, COMPUTED)) !== normal(without(expected, COMPUTED))) return different(difference);
    const alike = [...COMPUTED].every(
      (key) => (member(hit, key) === undefined) === (member(expected, key) === undefined),
    );
    if (!alike) return different(`${difference} (only one of them has a computed member)`);
    const fields = [hit, expected].map((one) => shapeOf(member(one, "_formatted")));
    if (fields[0] !== fields[1]) return different(`${difference} (other fields are formatted)`);
    if (!(await witness.printedByNode(body, hit))) return different(`${difference} (no node printed that)`);
    const scored = normal(without(hit, FORMATTED)) !== normal(without(expected, FORMATTED));
    if (rawDetails(hit) !== rawDetails(expected)) verdict = "engine_local";
    else if (verdict !== "engine_local")
      verdict = scored ? "score_local" : verdict === "score_local" ? verdict : "formatted_local";
  }
  return { verdict, difference };
}

/** The same without its texts. */
function shapeOf(value: Exact | undefined): string {
  if (value?.kind === "object")
    return `{${[...value.members]
      .map(([key, own]) => key + shapeOf(own))
      .sort()
      .join()}}`;
  return value?.kind === "array" ? `[${value.items.map(shapeOf).join()}]` : "";
}

async function judgeOrder(
  { witness, body, distinct }: JudgeSearchInput,
  left: readonly Exact[],
  right: readonly Exact[],
  difference: string,
): Promise<Comparison> {
  const [wideLeft, wideRight] = await Promise.all([witness.wideSingle(body), witness.wideMiroir(body, right)]);
  if (wideLeft === null || wideRight === null) return different(difference);
  if (equalUpToTies(left, right, wideLeft, rawDetails)) return { verdict: "equal_up_to_ties", difference };
  if (equalUpToTies(left, right, wideLeft, nearness)) return { verdict: "vector_ties", difference };
  if (distinct) return different(difference);
  const apart = await judgedApart(witness, body, wideLeft, wideRight);
  if (apart.size === 0) return different(difference);
  const rest = (hits: readonly Exact[]): readonly string[] => hits.map(idText).filter((id) => !apart.has(id));
  const [a, b] = [rest(wideLeft), rest(wideRight)];
  const length = Math.min(a.length, b.length);
  if (a.slice(0, length).join() === b.slice(0, length).join()) return { verdict: "engine_local", difference };
  return different(`${difference} (not explained by ${[...apart].slice(0, 5).join(", ")})`);
}

/** Documents whose raw details at some node are not the single node's, or that only one of them finds. */
async function judgedApart(
  witness: Witness,
  body: Readonly<Record<string, unknown>>,
  wideLeft: readonly Exact[],
  wideRight: readonly Exact[],
): Promise<ReadonlySet<string>> {
  const leftDetails = new Map(wideLeft.map((hit) => [idText(hit), rawDetails(hit)]));
  const rightDetails = new Map(wideRight.map((hit) => [idText(hit), rawDetails(hit)]));
  const ids = [...new Set([...leftDetails.keys(), ...rightDetails.keys()])];
  const suspects = ids.filter((id) => leftDetails.get(id) !== rightDetails.get(id));
  if (suspects.length === 0) return new Set();
  const [atSingle, atNodes] = await Promise.all([
    witness.detailsAtSingle(body, suspects),
    witness.detailsAtNodes(body, suspects),
  ]);
  const apart = new Set(
    suspects.filter((id) => {
      const single = atSingle.get(id) ?? "";
      const nodes = atNodes.get(id) ?? new Set([""]);
      return [...nodes].some((details) => details !== single);
    }),
  );
  // How near to each other a node takes words to be may hang on which other documents it looks at.
  const list = wideLeft.map(idText);
  const absent = suspects.filter((id) => !leftDetails.has(id));
  const [wide, behind, unlisted] = await Promise.all([
    witness.wideDetailsAtNodes(body),
    witness.detailsBehindAtSingle(body, list, absent),
    witness.unlistedAtSingle(body, list, absent),
  ]);
  for (const id of unlisted) apart.add(id);
  const singleOf = (id: string): string | undefined => leftDetails.get(id) ?? behind.get(id);
  for (const id of suspects) {
    const single = singleOf(id);
    if (single !== undefined && [...(wide.get(id) ?? [])].some((details) => details !== single)) apart.add(id);
  }
  for (const id of await fallBelow(witness, body, { suspects, leftDetails, rightDetails })) apart.add(id);
  const open = suspects.filter((id) => !apart.has(id) && singleOf(id) !== undefined && rightDetails.has(id));
  if (open.length === 0) return apart;
  // Then some node has to print exactly what Miroir did, asked about one of the parts in which Miroir asks.
  const shares = await witness.wideDetailsOfShares(body);
  for (const id of open) if (shares.get(id)?.has(rightDetails.get(id)!) === true) apart.add(id);
  return apart;
}

interface Suspected {
  readonly suspects: readonly string[];
  readonly leftDetails: ReadonlyMap<string, string>;
  readonly rightDetails: ReadonlyMap<string, string>;
}

/** Documents that one side finds good enough for a threshold and, by its own numbers, the other does not. */
async function fallBelow(
  witness: Witness,
  body: Readonly<Record<string, unknown>>,
  { suspects, leftDetails, rightDetails }: Suspected,
): Promise<readonly string[]> {
  const threshold = body["rankingScoreThreshold"];
  if (typeof threshold !== "number") return [];
  const { single, nodes } = await witness.scores(body);
  const has = (scores: readonly number[] = [], good: boolean): boolean =>
    scores.some((score) => score >= threshold === good);
  return suspects.filter((id) => {
    const [left, right] = [leftDetails.has(id), rightDetails.has(id)];
    return left !== right && has(single.get(id), left) && has(nodes.get(id), right);
  });
}

/** The totals are explained when exactly as many documents are found by one side alone, and the nodes say so. */
async function judgeTotals({ left, right, body, witness, distinct }: JudgeSearchInput): Promise<Comparison> {
  const [a, b] = [totalOf(left), totalOf(right)];
  if (a === b) return EQUAL;
  const difference = `total ${a} against ${b}`;
  if (distinct) return different(difference);
  const [atSingle, atNodes] = await Promise.all([
    witness.detailsAtSingle(body, null),
    witness.detailsAtNodes(body, null),
  ]);
  const onlySingle = [...atSingle.keys()].filter((id) => !atNodes.has(id)).length;
  const onlyNodes = [...atNodes.keys()].filter((id) => !atSingle.has(id)).length;
  const explained = onlySingle + onlyNodes > 0 && b - a <= onlyNodes && a - b <= onlySingle;
  return explained ? { verdict: "engine_local", difference } : different(difference);
}

function totalOf(answer: Exact): number {
  const total = member(answer, "estimatedTotalHits") ?? member(answer, "totalHits");
  return total?.kind === "number" ? Number(total.literal) : -1;
}

/** What decides up to the nearness to a vector: the engine lists the equally near in the order of its graph. */
function nearness(hit: Exact): string | undefined {
  const rules = rawDetails(hit).split("; ");
  const at = rules.findIndex((rule) => rule.includes(" vectorSort "));
  return at === -1 ? undefined : rules.slice(0, at + 1).join("; ");
}

/** Position by position, the two hits are the same or tie on what decides on the single node. */
function equalUpToTies(
  left: readonly Exact[],
  right: readonly Exact[],
  wideLeft: readonly Exact[],
  decides: (hit: Exact) => string | undefined,
): boolean {
  if (left.length !== right.length) return false;
  const tieOf = new Map(wideLeft.map((hit) => [idText(hit), decides(hit)]));
  const content = new Map(left.map((hit) => [idText(hit), normal(without(hit, COMPUTED))]));
  const seen = new Set<string>();
  return right.every((hit, position) => {
    const id = idText(hit);
    if (seen.has(id)) return false;
    seen.add(id);
    const tie = tieOf.get(id);
    const known = content.get(id);
    const sameTie = tie !== undefined && tie === tieOf.get(idText(left[position] as Exact));
    return sameTie && (known === undefined || known === normal(without(hit, COMPUTED)));
  });
}
