/** A change is decided without a node that has been silent for long enough, and only where others have carried it out. */
import { expect, test } from "bun:test";
import type { NodeTask, Task } from "../../../src/core/tasks/task.ts";
import { createPassOver } from "../../../src/services/broadcast/pass-over.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const PATIENCE_MS = 1_000;

function part(nodeId: string, status: NodeTask["status"], role: NodeTask["role"] = "main"): NodeTask {
  return { nodeId, taskUid: 1, role, status };
}

function scene(nodeTasks: readonly NodeTask[], kind = "settings") {
  const passed: string[] = [];
  const silent = new Set<string>();
  const clock = createFakeClock();
  const open = [{ uid: 4, flow: { kind, step: "apply", data: {} }, nodeTasks }] as unknown as readonly Task[];
  const look = createPassOver({
    tasks: {
      openTasks: () => open,
      passOver: async (uid, nodeId) => void passed.push(`${uid} ${nodeId}`),
    },
    healthy: (nodeId) => !silent.has(nodeId),
    clock,
    emit: () => {},
    flowKinds: new Set(["settings"]),
    patienceMs: PATIENCE_MS,
  });
  const lookAt = async (monotonicMs: number): Promise<readonly string[]> => {
    await clock.advance(monotonicMs - clock.monotonicMs());
    await look();
    return passed;
  };
  return { silent, lookAt };
}

test("a silent node is waited for as long as patience lasts, from the first look on at which it was silent", async () => {
  const { silent, lookAt } = scene([part("a", "succeeded"), part("b", "enqueued")]);
  expect(await lookAt(5_000)).toEqual([]);
  silent.add("b");
  expect(await lookAt(9_000)).toEqual([]);
  expect(await lookAt(9_999)).toEqual([]);
  expect(await lookAt(10_000)).toEqual(["4 b"]);
});

test("one that has answered in between is waited for anew", async () => {
  const { silent, lookAt } = scene([part("a", "succeeded"), part("b", "enqueued")]);
  silent.add("b");
  await lookAt(0);
  silent.delete("b");
  await lookAt(900);
  silent.add("b");
  expect(await lookAt(1_200)).toEqual([]);
  expect(await lookAt(2_200)).toEqual(["4 b"]);
});

test("nothing is decided while no other node has carried it out, nor what is no change of every node", async () => {
  const others = [
    scene([part("a", "failed"), part("b", "enqueued")]),
    scene([part("a", "hinted"), part("b", "enqueued")]),
    scene([part("a", "succeeded", "prepare"), part("b", "enqueued")]),
    scene([part("a", "succeeded"), part("b", "enqueued")], "documents"),
  ];
  for (const { silent, lookAt } of others) {
    silent.add("b");
    await lookAt(0);
    expect(await lookAt(60_000)).toEqual([]);
  }
});
