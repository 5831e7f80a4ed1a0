/** One real node and Miroir over several: started, loaded alike, and ended together. */
import { startMiroir, waitForEnd, type StartMiroirOptions, type TestMiroir } from "../support/miroir.ts";
import { type NodeAnswer, nodeRequest, startNode, type TestNode } from "../support/nodes.ts";
import type { DifferentialRequest } from "./request.ts";
import type { Target } from "./witness.ts";

export interface World {
  readonly single: TestNode;
  readonly miroir: TestMiroir;
  /** Nodes of Miroir that are alive. */
  living(): readonly TestNode[];
  /** How often a question has to be asked until every replica group has answered it: they take turns. */
  readonly turns: number;
  stop(): Promise<void>;
}

export async function startWorld(options: StartMiroirOptions): Promise<World> {
  const [single, miroir] = await Promise.all([
    startNode(options.kind === undefined ? {} : { kind: options.kind }),
    startMiroir(options),
  ]);
  const stop = (): Promise<void> => Promise.all([single.stop(), miroir.stop()]).then(() => {});
  return makeWorld(single, miroir, stop, options.replicaGroups);
}

/** Around what is running already; `stop` is the caller's. */
export function makeWorld(single: TestNode, miroir: TestMiroir, stop: () => Promise<void>, turns = 1): World {
  return { single, miroir, living: () => miroir.nodes.filter((node) => !dead.has(node)), turns, stop };
}

/** One request to both sides at the same time: what the single node answers, and what Miroir does. */
export function askBoth(
  { single, miroir }: Pick<World, "single" | "miroir">,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly [NodeAnswer, NodeAnswer]> {
  return Promise.all([
    nodeRequest(single, method, path, body, headers),
    nodeRequest(miroir, method, path, body, headers),
  ]);
}

const dead = new WeakSet<TestNode>();

/** Kills the last nodes, of the last groups if there are several, and remembers it. */
export async function killNodes(world: World, count: number): Promise<void> {
  const victims = world.miroir.nodes.slice(world.miroir.nodes.length - count);
  await Promise.all(victims.map((node) => node.kill()));
  for (const node of victims) dead.add(node);
}

/**
 * Sends the writes to both sides in their order and waits until all have ended; each must end alike. Gives the writes
 * that did not. Between most of them nothing is waited for, so that both sides batch as they do in real life.
 */
export async function load(world: World, writes: readonly DifferentialRequest[]): Promise<readonly string[]> {
  const [left, right] = await Promise.all([outcomes(world.single, writes), outcomes(world.miroir, writes)]);
  return writes.flatMap(({ method, path }, position) =>
    left[position] === right[position] ? [] : [`${method} ${path}: ${left[position]} against ${right[position]}`],
  );
}

async function outcomes(target: Target, writes: readonly DifferentialRequest[]): Promise<readonly string[]> {
  const ended: Promise<string>[] = [];
  for (const write of writes) {
    if (isDeletionByFilter(write)) await Promise.all(ended);
    const { method, path, body, headers } = write;
    let answer = await nodeRequest(target, method, path, body, headers);
    // A busy machine makes a node look down for a moment; then nothing has been sent, and a client sends it again.
    for (let tries = 0; answer.status === 503 && tries < REFUSED_MAX; tries++) {
      await Bun.sleep(REFUSED_PAUSE_MS);
      answer = await nodeRequest(target, method, path, body, headers);
    }
    const task = answer.body?.taskUid as number | undefined;
    ended.push(task === undefined ? Promise.resolve(`${answer.status} ${answer.text}`) : outcome(target, task));
    if (isDeletionByFilter(write)) await Promise.all(ended);
  }
  return Promise.all(ended);
}

/** The engine lets everything fail that it happens to run together with a deletion whose filter fails. */
function isDeletionByFilter({ path }: DifferentialRequest): boolean {
  return path.endsWith("/documents/delete");
}

async function outcome(target: Target, task: number): Promise<string> {
  const { status, error, details } = await waitForEnd(target, task, TASK_TIMEOUT_MS);
  // Deletions that one side happens to run together count each other's documents.
  const counts = JSON.stringify({ ...details, deletedDocuments: undefined });
  return `${status} ${JSON.stringify(error?.code ?? null)} ${counts}`;
}

const REFUSED_MAX = 60;
const REFUSED_PAUSE_MS = 1_000;
/** Long, as machines that run such comparisons are often busy with others. */
const TASK_TIMEOUT_MS = 600_000;
