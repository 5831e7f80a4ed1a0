/**
 * Asks for an answer that says nothing is missing. On a busy machine a node may look down for a moment, and what Miroir
 * then answers is marked: such an answer is asked for again, as a client would.
 */
import { nodeRequest, type NodeAnswer } from "../support/nodes.ts";
import type { Target } from "./witness.ts";

export async function askWhole(target: Target, ...request: Request): Promise<NodeAnswer> {
  let answer = await nodeRequest(target, ...request);
  for (let tries = 0; tries < TRIES_MAX && isPartial(answer); tries++) {
    await Bun.sleep(PAUSE_MS);
    answer = await nodeRequest(target, ...request);
  }
  return answer;
}

type Request = [method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>];

function isPartial({ status, headers }: NodeAnswer): boolean {
  return headers.has("x-miroir-degraded") || status === 503 || status === 504;
}

const TRIES_MAX = 20;
const PAUSE_MS = 1_000;
