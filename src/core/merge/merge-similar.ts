/**
 * What nodes found near the vectors of a document as the engine's answer: by similarity alone, each document once with
 * its best one, up to the first that is below the threshold.
 */
import { compareText } from "../json/compare-text.ts";
import { decodeKey, MALFORMED, readObject } from "../json/scan.ts";
import { SEQUENCE_FIELD } from "../markers/fields.ts";
import { splitAnswer } from "./answer-list.ts";
import { createHitCursor, memberText, type Hit } from "./hit-cursor.ts";
import { readNodeAnswer, type NodeAnswer } from "./node-answer.ts";
import { DETAILS_FIELD, renderHit, SCORE_FIELD, type HitView } from "./render-hit.ts";

export interface MergeSimilarInput {
  /** Of every node, one for each vector. */
  readonly answers: readonly (readonly NodeAnswer[])[];
  readonly id: string;
  /** The hidden place of the document itself, as JSON text. */
  readonly own: string;
  /** Is the document among those that the filter lets through, and hence among those that the nodes count? */
  readonly ownCounted: boolean;
  readonly offset: number;
  readonly limit: number;
  /** null: none. */
  readonly threshold: number | null;
  readonly maxTotalHits: number;
  readonly view: HitView;
  readonly showDetails: boolean;
}

/** The whole answer, its members in the engine's order. `garbage`: the position of an answer that is none. */
export type MergedSimilar =
  { readonly kind: "merged"; readonly text: string } | { readonly kind: "garbage"; readonly answer: number };

/** null: not what an engine answers to a multi-search of so many queries. */
export function readSimilarAnswers(text: string, queries: number): readonly NodeAnswer[] | null {
  const list = splitAnswer(text, "results", "");
  if (list === null) return null;
  const cursor = createHitCursor(list);
  const answers: NodeAnswer[] = [];
  for (let result = cursor.next(); result !== null; result = cursor.next()) {
    if (result === "garbage") return null;
    const answer = readNodeAnswer(`{${result.text.slice(result.bounds[0], result.bounds.at(-1))}}`);
    if (answer === null) return null;
    answers.push(answer);
  }
  return answers.length === queries ? answers : null;
}

export function mergeSimilar(input: MergeSimilarInput): MergedSimilar {
  const { offset, limit, threshold } = input;
  const nearest = new Map<string, Neighbour>();
  for (const [position, answers] of input.answers.entries()) {
    for (const answer of answers) {
      const found = readNeighbours(answer);
      if (found === null) return { kind: "garbage", answer: position };
      for (const neighbour of found) {
        const known = nearest.get(neighbour.place);
        if (known === undefined || known.score < neighbour.score) nearest.set(neighbour.place, neighbour);
      }
    }
  }
  nearest.delete(input.own);
  const walked = [...nearest.values()].sort(byNearness).slice(0, offset + limit);
  const universe = input.answers.reduce((sum, [first]) => sum + (first?.total ?? 0), 0) - Number(input.ownCounted);
  // Those in front of the page are not held against the threshold.
  const end = threshold === null ? -1 : walked.findIndex(({ score }, i) => i >= offset && score < threshold);
  const page = walked.slice(offset, end === -1 ? undefined : end);
  const total = Math.min(end === -1 ? Math.max(0, universe) : end, input.maxTotalHits);
  const all = input.answers.flat();
  const timeMs = all.reduce((most, { processingTimeMs }) => Math.max(most, processingTimeMs), 0);
  const slowest = all.find(({ processingTimeMs }) => processingTimeMs === timeMs);
  const members = [
    `"hits":[${page.map((neighbour) => render(neighbour, input)).join(",")}]`,
    `"id":${JSON.stringify(input.id)}`,
    `"processingTimeMs":${timeMs}`,
    `"limit":${limit},"offset":${offset},"estimatedTotalHits":${total}`,
    ...(slowest?.performanceDetails == null ? [] : [`"performanceDetails":${slowest.performanceDetails}`]),
  ];
  return { kind: "merged", text: `{${members.join(",")}}` };
}

interface Neighbour {
  readonly hit: Hit;
  /** In insertion order, by which equally near documents are listed; also what tells documents apart. */
  readonly place: string;
  readonly score: number;
  /** As the node prints it. */
  readonly similarity: string;
}

/** null: garbage. */
function readNeighbours({ hits }: NodeAnswer): readonly Neighbour[] | null {
  const cursor = createHitCursor(hits);
  const found: Neighbour[] = [];
  for (let hit = cursor.next(); hit !== null; hit = cursor.next()) {
    if (hit === "garbage") return null;
    // A document that lacks it was written past the router; then the whole of it tells it apart.
    const place = memberText(hit, SEQUENCE_FIELD) ?? hit.text.slice(hit.bounds[0], hit.bounds.at(-1));
    const score = Number(memberText(hit, SCORE_FIELD) ?? Number.NaN);
    const details = memberText(hit, DETAILS_FIELD);
    if (Number.isNaN(score) || details === null) return null;
    const similarity = similarityIn(details);
    if (similarity === null) return null;
    // What has no vector is not near anything.
    if (similarity !== "null") found.push({ hit, place, score, similarity });
  }
  return found;
}

function byNearness(a: Neighbour, b: Neighbour): number {
  return b.score - a.score || compareText(a.place, b.place);
}

function similarityIn(details: string): string | null {
  const rule = memberIn(details, 0, "vectorSort");
  return rule === null ? null : memberIn(rule, 0, "similarity");
}

function memberIn(text: string, at: number, name: string): string | null {
  const bounds: number[] = [];
  if (readObject(text, at, bounds) === MALFORMED) return null;
  for (let i = 0; i < bounds.length; i += 4) {
    if (decodeKey(text, bounds[i]!, bounds[i + 1]!) === name) return text.slice(bounds[i + 2], bounds[i + 3]);
  }
  return null;
}

/** The only rule that the engine knows here is nearness, whatever rules the nodes were asked by. */
function render({ hit, similarity }: Neighbour, { view, showDetails }: MergeSimilarInput): string {
  const shown = renderHit(hit, view);
  if (!showDetails) return shown;
  const details = `"${DETAILS_FIELD}":{"vectorSort":{"order":0,"similarity":${similarity}}}`;
  return shown === "{}" ? `{${details}}` : `${shown.slice(0, -1)},${details}}`;
}
