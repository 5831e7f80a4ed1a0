/** What is left of a write is not sent once another router may have written. */
import { expect, test } from "bun:test";
import { createLanes } from "../../../src/scatter/create-lanes.ts";
import { isOvertaken, type LaneEntry } from "../../../src/scatter/lane.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { answered, createFakeNodeClient, type FakeNodeClient, unavailable } from "../../support/fake-node-client.ts";

function lanesTo(client: FakeNodeClient) {
  const clock = createFakeClock();
  return { clock, lanes: createLanes({ client: () => client, clock }) };
}

function write(name: string, mayGo: () => boolean): LaneEntry {
  const request = { method: "POST", path: `/${name}`, operation: "test", timeoutMs: 1_000, repeat: "once" } as const;
  return { nodeId: "a", request, operationId: name, mayGo };
}

test("what waits in a lane is refused and not sent, from the instant in which it may not go any more", async () => {
  const taken: string[] = [];
  const first = Promise.withResolvers<void>();
  let mayGo = true;
  const client = createFakeNodeClient("a", async (request) => {
    if (request.path === "/1") await first.promise;
    taken.push(request.path);
    return answered("a", { taskUid: taken.length, enqueuedAt: "" }, 202);
  });
  const { lanes } = lanesTo(client);
  const entries = ["1", "2", "3"].map((name) => write(name, () => mayGo));
  const done = lanes.submit("x", entries);
  mayGo = false;
  first.resolve();
  const outcomes = await done;
  expect(taken).toEqual(["/1"]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["enqueued", "refused", "refused"]);
  expect(outcomes.map(isOvertaken)).toEqual([false, true, true]);
  expect(outcomes[1]).toMatchObject({ status: 503, error: { code: "miroir_taken_over" } });
});

test("a write whose fate was unknown is not sent again", async () => {
  let mayGo = true;
  const client = createFakeNodeClient("a", (request) => {
    if (request.operation === "tasks.list") return answered("a", { results: [] });
    mayGo = false;
    return unavailable("a", "timeout", true);
  });
  const { lanes, clock } = lanesTo(client);
  const done = lanes.submit("x", [write("1", () => mayGo)]);
  await clock.advance(60_000);
  expect((await done).map(isOvertaken)).toEqual([true]);
  expect(client.sent.filter(({ operation }) => operation === "test")).toHaveLength(1);
});
