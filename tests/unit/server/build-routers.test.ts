/** Two routers that reach the same file past its lock, as on a shared file system, are noticed by their heartbeats. */
import { expect, test } from "bun:test";
import { loadConfig } from "../../../src/config/load-config.ts";
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import { buildRouters } from "../../../src/server/build-routers.ts";
import { realSurroundings } from "../../../src/server/surroundings.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { rejectionOf } from "../../support/rejection-of.ts";

const loaded = loadConfig({
  env: {},
  flags: [{ flag: "set nodes", key: "nodes", text: '[{"id":"n","address":"http://127.0.0.1:1"}]' }],
  readFile: () => ({ kind: "absent" }) as never,
});

test("a second router on one file is refused while the first lives, and taken when it has been dead for a while", async () => {
  if (!loaded.ok) throw new TypeError(JSON.stringify(loaded));
  const { config } = loaded;
  const clock = createFakeClock();
  const store = openMemoryStore(clock);
  const router = (name: string) =>
    buildRouters({
      config,
      store,
      around: { ...realSurroundings, clock, identity: { name, run: `${name}/1` } },
      emit: () => {},
      epoch: () => 1,
    });
  const first = router("a");
  await first.start(1);
  const refused = rejectionOf(router("b").start(1));
  await clock.advance(30_000);
  expect(await refused).toMatchObject({ code: "bad_request" });
  await first.stop();
  await store.routers.join({ name: "a", run: "a/2", version: "1", epoch: 1, startedAt: 1 }, 10_000);
  const late = router("b");
  const taken = late.start(1);
  await clock.advance(12_000);
  await taken;
  await late.stop();
  expect(clock.pendingTimers()).toBe(0);
});
