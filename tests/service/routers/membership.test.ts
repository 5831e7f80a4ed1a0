/** A router among others: who lives, who owns what, and how long a router may count on itself. */
import { expect, test } from "bun:test";
import { createMembership, type Membership } from "../../../src/services/routers/membership.ts";
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function setUp() {
  const clock = createFakeClock();
  const store = openMemoryStore(clock);
  const stopped: string[] = [];
  const member = (name: string, run = `${name}/1`): Membership =>
    createMembership({
      store: store.routers,
      clock,
      emit: () => {},
      name,
      run,
      version: "1",
      epoch: () => 1,
      ttlMs: 10_000,
      superseded: () => void stopped.push(run),
    });
  return { clock, member, stopped };
}

test("routers see each other, have different numbers, and divide every key among them", async () => {
  const { member } = setUp();
  const all = [member("a"), member("b"), member("c")];
  for (const one of all) await one.join();
  for (const one of all) await one.beat();
  expect(new Set(all.map((one) => one.number())).size).toBe(3);
  for (let key = 0; key < 100; key += 1) expect(all.filter((one) => one.owns(`${key}`))).toHaveLength(1);
});

test("a router stops counting on itself before the others stop believing in it", async () => {
  const { clock, member } = setUp();
  const [a, b] = [member("a"), member("b")];
  await a.join();
  await b.join();
  await clock.advance(9_500);
  expect(a.alive()).toBe(false);
  await b.beat();
  expect(b.living()).toHaveLength(2);
  await a.beat();
  expect(a.alive()).toBe(true);
  // Nobody had counted it as gone, so nothing that it has is lost.
  expect(a.term()).toBe(0);
});

test("a router that was gone begins a new term, perhaps with another number", async () => {
  const { clock, member } = setUp();
  const [a, b] = [member("a"), member("b")];
  await a.join();
  await clock.advance(11_000);
  await b.join();
  expect(b.number()).toBe(0);
  await a.beat();
  expect([a.term(), a.number()]).toEqual([1, 1]);
});

test("of two runs with one name the later one stays and the former is told to stop", async () => {
  const { member, stopped } = setUp();
  const [first, second] = [member("a", "a/1"), member("a", "a/2")];
  await first.join();
  await second.join();
  await first.beat();
  expect(stopped).toEqual(["a/1"]);
  expect(first.alive()).toBe(false);
  await second.beat();
  expect(second.alive()).toBe(true);
});

test("whoever wants to know is told when a router comes or goes, and only then", async () => {
  const { clock, member } = setUp();
  const [a, b] = [member("a"), member("b")];
  await a.join();
  let changes = 0;
  a.onChange(() => (changes += 1));
  await a.beat();
  expect(changes).toBe(0);
  await b.join();
  await a.beat();
  expect(changes).toBe(1);
  await b.leave();
  await a.beat();
  expect(changes).toBe(2);
  await clock.advance(0);
});
