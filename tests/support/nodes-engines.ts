/** The engines a contract is checked on: the development node always, the real engine when the machine has one. */
import { afterAll, beforeAll, describe, setDefaultTimeout } from "bun:test";

import { realEnginePath, startNode, type NodeKind, type StartNodeOptions, type TestNode } from "./nodes.ts";

const KINDS: readonly NodeKind[] = realEnginePath() === null ? ["devnode"] : ["devnode", "meilisearch"];
const START_TIMEOUT_MS = 60_000;
/** A write takes the real engine half a second on an idle machine, and far longer on a busy one. */
const TEST_TIMEOUT_MS = 60_000;

/** Declares the same tests for each engine; `node()` is the running node of the engine at hand. */
export function describeEngines(
  name: string,
  declare: (node: () => TestNode) => void,
  options: StartNodeOptions = {},
): void {
  setDefaultTimeout(TEST_TIMEOUT_MS);
  describe.each(KINDS.map((kind) => [kind]))(`${name} (%s)`, (kind) => {
    let running: TestNode | undefined;
    beforeAll(async () => {
      running = await startNode({ ...options, kind });
    }, START_TIMEOUT_MS);
    afterAll(async () => {
      await running?.stop();
    });
    declare(() => {
      if (running === undefined) throw new TypeError("the node is not running yet");
      return running;
    });
  });
}
