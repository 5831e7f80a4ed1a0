/**
 * A router is killed before it has kept a mark of any node, and a node loses its disk before the next router looks at it.
 * The index is still being made then, so that it is not missed on that node.
 */
import { expect, test } from "bun:test";
import { diskLost } from "../../src/telemetry/events/anti-entropy.ts";
import { until } from "./run-seed.ts";
import { createWorld, type SimulatedWorld } from "./simulated-world.ts";

const SEEDS = 40;

/** The node whose disk was lost after it had taken a write that was acknowledged. */
async function loseDiskEarly({ router, timeline, nodes, dice }: SimulatedWorld): Promise<string> {
  const untilUp = (): Promise<void> => until(timeline, async () => router.isUp());
  router.start();
  await untilUp();
  const documents = [1, 2, 3, 4, 5, 6].map((id) => ({ id }));
  const written = await router.request("PUT", "/indexes/films/documents?primaryKey=id", documents);
  expect(written).toMatchObject({ kind: "answered", status: 202 });
  const emptied = dice.pick(nodes);
  // The index has not been made as long as one node has not said so.
  dice.pick(nodes.filter((node) => node !== emptied)).stall();
  await new Promise<void>((resolve) => void timeline.after(100, resolve));
  router.kill();
  emptied.kill();
  emptied.wipe();
  emptied.start();
  for (const node of nodes) node.resume(() => 1);
  router.start();
  await untilUp();
  return emptied.id;
}

test("the next router sees that the disk was lost before it serves, by what its store says was told", () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const noted: string[] = [];
    const world = createWorld(seed, { kinds: [], trace: (line) => void noted.push(line) });
    let emptied: string | undefined;
    void loseDiskEarly(world).then((nodeId) => (emptied = nodeId));
    world.timeline.run(60_000, () => emptied !== undefined);
    const lost = noted.filter((line) => line.includes(diskLost.name));
    expect([seed, lost.length]).toEqual([seed, 1]);
    expect(lost[0]).toContain(`"nodeId":"${emptied}"`);
  }
});
