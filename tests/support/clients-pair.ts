/**
 * One real node and Miroir over three nodes with two copies of everything, side by side: what is asked of one is asked
 * of the other, so that a test can compare the two answers. Both have the same master key, hence the same keys.
 */
import { startMiroir, waitForEnd, type TestMiroir } from "./miroir.ts";
import { nodeRequest, startNode, type NodeAnswer, type TestNode } from "./nodes.ts";

export interface Side {
  readonly url: string;
  readonly masterKey: string;
}

export interface Both<T> {
  readonly single: T;
  readonly miroir: T;
}

export interface Pair {
  readonly single: TestNode;
  readonly miroir: TestMiroir;
  /** The same on both, at once. */
  both<T>(run: (side: Side) => Promise<T>): Promise<Both<T>>;
  /** A write on both whose task has to succeed. */
  load(method: string, path: string, body?: unknown): Promise<void>;
  stop(): Promise<void>;
}

/** Without this Miroir refuses at once what a node accepts and then fails; with it, it does as the node does. */
const LIKE_A_NODE = "  documents: { validation: task }";

export async function startPair(nodes = 3, replicationFactor = 2): Promise<Pair> {
  const [single, miroir] = await Promise.all([
    startNode(),
    startMiroir({ nodes, replicationFactor, config: LIKE_A_NODE }),
  ]);
  return {
    single,
    miroir,
    async both(run) {
      const [left, right] = await Promise.all([run(single), run(miroir)]);
      return { single: left, miroir: right };
    },
    async load(method, path, body) {
      await Promise.all([succeed(single, method, path, body), succeed(miroir, method, path, body)]);
    },
    async stop() {
      await Promise.all([single.stop(), miroir.stop()]);
    },
  };
}

async function succeed(side: Side, method: string, path: string, body: unknown): Promise<void> {
  const answer = await nodeRequest(side, method, path, body);
  const task: NodeAnswer["body"] =
    answer.body?.taskUid === undefined ? undefined : await waitForEnd(side, answer.body.taskUid);
  if (task?.status === "succeeded") return;
  throw new TypeError(`${method} ${path} did not succeed: ${answer.text} ${JSON.stringify(task?.error)}`);
}
