/** One request to a node and to Miroir, whose answers and tasks have to be the same. */
import { expect } from "bun:test";
import { comparable } from "./clients-comparable.ts";
import type { Pair, Side } from "./clients-pair.ts";
import { waitForEnd } from "./miroir.ts";
import { nodeRequest, type NodeAnswer } from "./nodes.ts";

export interface Asked extends NodeAnswer {
  /** The task that was made, when it has ended; null: none was. */
  readonly task: NodeAnswer["body"];
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Instead of the master key. */
  readonly key?: string;
}

/** Gives Miroir's answer. */
export type Same = (method: string, path: string, body?: unknown, options?: AskOptions) => Promise<Asked>;

export function sameOn(pair: () => Pair): Same {
  return async (method, path, body, options = {}) => {
    const { single, miroir } = await pair().both((side) => askOne(side, method, path, body, options));
    const view = (asked: Asked): unknown => [asked.status, comparable(asked.body), comparable(asked.task)];
    expect([method, path, view(miroir)]).toEqual([method, path, view(single)]);
    return miroir;
  };
}

export async function askOne(
  side: Side,
  method: string,
  path: string,
  body?: unknown,
  { headers, key }: AskOptions = {},
): Promise<Asked> {
  const asker = key === undefined ? side : { url: side.url, masterKey: key };
  const answer = await nodeRequest(asker, method, path, body, headers);
  const taskUid: unknown = answer.status < 400 ? answer.body?.taskUid : undefined;
  const task: unknown = typeof taskUid === "number" ? await waitForEnd(side, taskUid, TASK_TIMEOUT_MS) : null;
  return { ...answer, task };
}

/** Long enough for a machine on which several fleets index at once. */
const TASK_TIMEOUT_MS = 200_000;
