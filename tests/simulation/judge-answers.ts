/** What a client is answered: is it an answer at all, and is there an order of the writes that it can have come from? */
import { isMissing } from "./expected-answers.ts";
import {
  type Claims,
  claimsDuring,
  describeWrites,
  type Doc,
  type IndexName,
  reachableStates,
  stateText,
  type WriteRecord,
} from "./history.ts";
import { KEYS } from "./plan-writes.ts";
import type { ClientAnswer } from "./simulated-router.ts";
import type { Timeline } from "./timeline.ts";

export interface AnswerJudge {
  /** It says something of the documents or settings. */
  isRead(kind: string, index: IndexName, answer: ClientAnswer): answer is Answered;
  judgeList(kind: string, index: IndexName, found: readonly Doc[], isDegraded: boolean, askedMs: number): void;
  judgeState(kind: string, index: IndexName, key: string, document: Doc | null, askedMs: number): void;
}

export interface AnswerJudgeParts {
  readonly timeline: Timeline;
  readonly writes: readonly WriteRecord[];
  readonly violate: (rule: string, text: string) => void;
  /** What may be gone by now because it has expired. */
  readonly expiry: () => Pick<Claims, "expiry">;
}

export function createAnswerJudge({ timeline, writes, violate, expiry }: AnswerJudgeParts): AnswerJudge {
  /** What is asked for is right, so whoever does not answer it says that the fleet cannot. */
  function isRead(kind: string, index: IndexName, answer: ClientAnswer): answer is Answered {
    if (answer.kind === "lost") return false;
    if (answer.status === 200 || isMissing(answer)) return true;
    if (answer.status !== 503) {
      violate("R7", `${kind} of ${index} was answered with ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return false;
  }

  function judgeList(
    kind: string,
    index: IndexName,
    found: readonly Doc[],
    isDegraded: boolean,
    askedMs: number,
  ): void {
    const byKey = new Map<string, Doc>();
    for (const document of found) {
      const id = String(document["id"]);
      if (byKey.has(id)) violate("R6", `${kind} at ${askedMs.toFixed(0)} has ${id} twice`);
      byKey.set(id, document);
    }
    for (const key of KEYS) {
      const document = byKey.get(key) ?? null;
      if (document !== null || !isDegraded)
        judgeState(isDegraded ? `degraded ${kind}` : kind, index, key, document, askedMs);
    }
  }

  function judgeState(kind: string, index: IndexName, key: string, document: Doc | null, askedMs: number): void {
    const states = reachableStates(key, writes, { ...claimsDuring(askedMs, timeline.nowMs()), ...expiry() });
    const shown = stateText(document);
    for (const state of states.values()) if (stateText(state[index]) === shown) return;
    violate(
      "R6",
      `${kind} of ${index} asked at ${askedMs.toFixed(0)}, answered at ${timeline.nowMs().toFixed(0)}, shows ${key} as ${shown}, ` +
        `which no order of the writes allows\n${describeWrites(key, writes)}`,
    );
  }

  return { isRead, judgeList, judgeState };
}

type Answered = Extract<ClientAnswer, { kind: "answered" }>;
