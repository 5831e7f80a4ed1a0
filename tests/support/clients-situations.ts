/**
 * Situations as data: what is loaded, what is asked, and what kind of answer that must be. Each is asked of a single
 * node and of Miroir; the node shows that the situation is the meant one, Miroir has to answer the same.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { comparable } from "./clients-comparable.ts";
import { startPair, type Pair, type Side } from "./clients-pair.ts";
import { waitForEnd } from "./miroir.ts";
import { nodeRequest, realEnginePath, type NodeAnswer } from "./nodes.ts";

export type Request = readonly [
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
];

/**
 * `some`: a list that is not empty; `none`: an empty list; `ok`: any success; `succeeded`: a task that succeeds;
 * `failed CODE`: a task that fails so; anything else is the code of an error that is answered at once.
 */
export type Gives = string;

export type Situation = readonly [says: string, gives: Gives, ...request: Request];

export interface Scene {
  readonly load?: readonly Request[];
  readonly situations: readonly Situation[];
  /** Why a development node cannot stand in for the engine here; without an engine the scene is left out. */
  readonly engineOnly?: string;
}

/** Situations whose answer is known to differ, and why: each must still differ, or the entry has to go. */
export type KnownDifferences = Readonly<Record<string, string>>;

export function describeScenes(
  name: string,
  scenes: Readonly<Record<string, Scene>>,
  known: KnownDifferences = {},
): void {
  describe(name, () => {
    let pair: Pair;
    beforeAll(async () => {
      pair = await startPair();
    });
    afterAll(() => pair.stop());

    for (const [scene, { load, situations, engineOnly }] of Object.entries(scenes)) {
      describe.skipIf(engineOnly !== undefined && realEnginePath() === null)(scene, () => {
        beforeAll(async () => {
          for (const [method, path, body] of load ?? []) await pair.load(method, path, body);
        });
        for (const [says, gives, ...request] of situations) {
          test(says, async () => {
            const { single, miroir } = await pair.both((side) => ask(side, request));
            expect(kindsOf(single)).toContain(gives);
            const left = view(single);
            const right = view(miroir);
            if (says in known) expect(right).not.toEqual(left);
            else expect(right).toEqual(left);
          });
        }
      });
    }

    test("every known difference belongs to a situation", () => {
      const all = Object.values(scenes).flatMap(({ situations }) => situations.map(([says]) => says));
      expect(Object.keys(known).filter((says) => !all.includes(says))).toEqual([]);
      expect(new Set(all).size).toBe(all.length);
    });
  });
}

interface Outcome {
  readonly answer: NodeAnswer;
  readonly task: NodeAnswer["body"];
}

async function ask(side: Side, [method, path, body, headers]: Request): Promise<Outcome> {
  const answer = await nodeRequest(side, method, path, body, headers);
  const taskUid: unknown = answer.status < 400 ? answer.body?.taskUid : undefined;
  return { answer, task: typeof taskUid === "number" ? await waitForEnd(side, taskUid) : undefined };
}

/** All that can be said of an answer; the situation has to be one of it. */
function kindsOf({ answer, task }: Outcome): readonly string[] {
  if (answer.status >= 400) return [String(answer.body?.code ?? `status ${answer.status}`)];
  if (task !== undefined) return [task.status === "failed" ? `failed ${task.error.code}` : String(task.status)];
  const list: unknown = answer.body?.hits ?? answer.body?.facetHits ?? answer.body?.results;
  return Array.isArray(list) ? ["ok", list.length > 0 ? "some" : "none"] : ["ok"];
}

function view({ answer, task }: Outcome): unknown {
  const retryAfter = answer.headers.get("retry-after");
  const text = answer.body === null ? answer.text : undefined;
  return { status: answer.status, text, retryAfter, body: comparable(answer.body), task: comparable(task) };
}
