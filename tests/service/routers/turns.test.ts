/** Turns of two routers on a store in memory: never both at once, nobody starves, and a turn ends with its router. */
import { expect, test } from "bun:test";
import { createTurns } from "../../../src/services/routers/turns.ts";
import type { TurnStore } from "../../../src/store/turn-store.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { rejectionOf } from "../../support/rejection-of.ts";

type Listener = (what: "wanted" | "free", scope: string) => void;

function setUp(options: { readonly deaf?: boolean } = {}) {
  const clock = createFakeClock();
  const holders = new Map<string, string>();
  const dead = new Set<string>();
  const listeners = new Map<string, Listener>();
  const tell = (run: string, what: "wanted" | "free", scope: string): void => {
    if (options.deaf !== true) queueMicrotask(() => listeners.get(run)?.(what, scope));
  };
  let latest = 0n;
  const store: TurnStore = {
    take: async (scope, run) => {
      const holder = holders.get(scope);
      if (holder !== undefined && holder !== run && !dead.has(holder)) {
        queueMicrotask(() => listeners.get(holder)?.("wanted", scope));
        return undefined;
      }
      holders.set(scope, run);
      return { clock: latest };
    },
    give: async (scopes, run, clock) => {
      if (clock > latest) latest = clock;
      for (const scope of scopes) {
        if (holders.get(scope) !== run) continue;
        holders.delete(scope);
        for (const other of listeners.keys()) if (other !== run) tell(other, "free", scope);
      }
    },
    listen: (run, listener) => void listeners.set(run, listener),
  };
  const gained: string[] = [];
  const router = (run: string, startsAt = 0n) => {
    const state = { alive: true, term: 0, clock: startsAt };
    const turns = createTurns({
      store,
      membership: { run, alive: () => state.alive, term: () => state.term },
      order: {
        next: () => (state.clock += 1n),
        witness: (seen) => {
          if (seen > state.clock) state.clock = seen;
        },
      },
      gained: async (scope) => void gained.push(`${run} ${scope}`),
      clock,
      emit: () => {},
      patienceMs: 20_000,
    });
    return { turns, state };
  };
  return { clock, router, holders, dead, gained };
}

test("a router that is alone with an index takes its turn once, and works side by side with itself", async () => {
  const { router, gained, clock } = setUp();
  const { turns } = router("a");
  let most = 0;
  let active = 0;
  const work = async (): Promise<void> => {
    active += 1;
    most = Math.max(most, active);
    await clock.sleep(5);
    active -= 1;
  };
  const all = Promise.all(Array.from({ length: 5 }, () => turns.run(["films"], work)));
  await clock.advance(10);
  await all;
  expect(most).toBe(5);
  expect(gained).toEqual(["a films"]);
});

for (const deaf of [false, true]) {
  test(`two routers with much to write alternate and never overlap${deaf ? ", also when nobody tells them that a turn is free" : ""}`, async () => {
    const { clock, router } = setUp({ deaf });
    const busy = new Map<string, number>();
    const done: string[] = [];
    const write = (turns: ReturnType<typeof router>["turns"], name: string): Promise<void> =>
      turns.run(["films"], async () => {
        busy.set(name, (busy.get(name) ?? 0) + 1);
        expect([...busy.entries()].filter(([, count]) => count > 0)).toHaveLength(1);
        await clock.sleep(3);
        busy.set(name, (busy.get(name) ?? 0) - 1);
        done.push(name);
      });
    const [a, b] = [router("a"), router("b")];
    const each = async (name: "a" | "b"): Promise<void> => {
      for (let n = 0; n < 20; n += 1) await write(name === "a" ? a.turns : b.turns, name);
    };
    const all = Promise.all([each("a"), each("b"), each("a"), each("b")]);
    await clock.advance(20_000);
    await all;
    expect(done.filter((name) => name === "a")).toHaveLength(40);
  });
}

test("work within work shares the turn, even while another router waits for it", async () => {
  const { clock, router } = setUp();
  const [a, b] = [router("a"), router("b")];
  const order: string[] = [];
  const outer = a.turns.run(["films"], async () => {
    await clock.sleep(10);
    await a.turns.run(["films", "books"], async () => {
      order.push("inner");
      expect(a.turns.has("books")).toBe(true);
    });
    expect(a.turns.has("books")).toBe(false);
    order.push("outer");
  });
  await clock.advance(1);
  const other = b.turns.run(["films"], async () => void order.push("other"));
  await clock.advance(200);
  await Promise.all([outer, other]);
  expect(order).toEqual(["inner", "outer", "other"]);
  expect(a.turns.has("films")).toBe(false);
});

test("what outlives the work that began it keeps the turn, and does not use one that has ended", async () => {
  const { clock, router, holders } = setUp();
  const [a, b] = [router("a"), router("b")];
  let detached: Promise<void> | undefined;
  const order: string[] = [];
  await a.turns.run(["films"], async () => {
    detached = a.turns.run(["films"], async () => {
      await clock.sleep(50);
      order.push("detached");
    });
  });
  const other = b.turns.run(["films"], async () => void order.push("other"));
  await clock.advance(500);
  await Promise.all([detached, other]);
  expect(order).toEqual(["detached", "other"]);
  expect(holders.get("films")).toBe("b");
});

test("two that need the same indexes in another order do not wait for each other for ever", async () => {
  const { clock, router } = setUp();
  const [a, b] = [router("a"), router("b")];
  const swap = (turns: typeof a.turns, scopes: string[]) => turns.run(scopes, () => clock.sleep(2));
  const all = Promise.all(
    Array.from({ length: 10 }, () => [swap(a.turns, ["x", "y"]), swap(b.turns, ["y", "x"])]).flat(),
  );
  await clock.advance(10_000);
  await all;
});

test("a turn of a router that has died is taken; work that outlived its router's life is told so", async () => {
  const { clock, router, dead, gained } = setUp();
  const [a, b] = [router("a"), router("b")];
  const late = rejectionOf(a.turns.run(["films"], () => clock.sleep(5_000)));
  await clock.advance(1);
  a.state.alive = false;
  dead.add("a");
  const other = b.turns.run(["films"], async () => "written");
  await clock.advance(200);
  expect(await other).toBe("written");
  a.state.alive = true;
  a.state.term += 1;
  dead.delete("a");
  await clock.advance(6_000);
  expect(await late).toMatchObject({ code: "miroir_taken_over", status: 503 });
  const again = a.turns.run(["films"], async () => "again");
  await clock.advance(200);
  expect(await again).toBe("again");
  expect(gained).toEqual(["a films", "b films", "a films"]);
});

test("a turn that does not come is refused with 503, not waited for without end", async () => {
  const { clock, router } = setUp();
  const [a, b] = [router("a"), router("b")];
  const long = a.turns.run(["films"], () => clock.sleep(60_000));
  await clock.advance(1);
  const refused = rejectionOf(b.turns.run(["films"], async () => "never"));
  await clock.advance(30_000);
  expect(await refused).toMatchObject({ code: "miroir_overloaded", status: 503 });
  await clock.advance(40_000);
  await long;
});

test("a router whose clock is behind is not behind any more when it gets the turn", async () => {
  const { clock, router } = setUp();
  const [a, b] = [router("a", 5_000n), router("b", 10n)];
  await a.turns.run(["films"], async () => {});
  const other = b.turns.run(["films"], async () => b.state.clock);
  await clock.advance(500);
  expect(await other).toBeGreaterThanOrEqual(5_001n);
});

test("what is not in use is given back at the end", async () => {
  const { router, holders } = setUp();
  const { turns } = router("a");
  await turns.run(["films"], async () => {});
  expect(holders.get("films")).toBe("a");
  await turns.close();
  expect(holders.size).toBe(0);
});

test("work can tell at any moment whether it has had its turn without interruption", async () => {
  const { router } = setUp();
  const { turns, state } = router("a");
  expect(turns.holding("films")()).toBe(false);
  let holding = (): boolean => false;
  const ended = turns.run(["films"], async () => {
    holding = turns.holding("films");
    expect(holding()).toBe(true);
    expect(turns.holding("books")()).toBe(false);
    // Others may count it as gone; then it is believed in again.
    state.alive = false;
    expect(holding()).toBe(false);
    state.alive = true;
    expect(holding()).toBe(true);
    // They did, so the turn may have been another router's.
    state.term += 1;
    expect(holding()).toBe(false);
  });
  expect(await rejectionOf(ended)).toMatchObject({ code: "miroir_taken_over" });
  await turns.run(["films"], async () => expect(turns.holding("films")()).toBe(true));
  expect(holding()).toBe(false);
});
