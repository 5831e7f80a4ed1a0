/** Group commit: what shares a transaction and a flush, and what is promised when the disk fails. */
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { createWriteQueue, type WriteQueue } from "../../../src/store/sqlite/write-queue.ts";
import { rejectionOf } from "../../support/rejection-of.ts";

let database: Database;
let flushes: PromiseWithResolvers<void>[];
let queue: WriteQueue;
beforeEach(() => {
  database = new Database(":memory:");
  database.run("CREATE TABLE written (n INTEGER PRIMARY KEY)");
  flushes = [];
  const flush = (): Promise<void> => {
    const one = Promise.withResolvers<void>();
    flushes.push(one);
    return one.promise;
  };
  queue = createWriteQueue(database, flush, () => {});
});
afterEach(() => database.close());

const insert = (n: number) => queue.run(() => void database.query("INSERT INTO written VALUES (?)").run(n));
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));
const rows = () =>
  database
    .query<{ n: number }, []>("SELECT n FROM written ORDER BY n")
    .all()
    .map(({ n }) => n);

test("writes of one turn share one flush, and none is promised before it", async () => {
  let promised = 0;
  const writes = [1, 2, 3].map((n) => insert(n).then(() => (promised += 1)));
  await turn();
  expect([flushes.length, promised, rows()]).toEqual([1, 0, [1, 2, 3]]);
  flushes[0]?.resolve();
  await Promise.all(writes);
  expect(promised).toBe(3);
});

test("what comes during a flush waits together for the next", async () => {
  const first = insert(1);
  await turn();
  const later = [insert(2), insert(3)];
  await turn();
  expect([flushes.length, rows()]).toEqual([1, [1]]);
  flushes[0]?.resolve();
  await first;
  await turn();
  expect([flushes.length, rows()]).toEqual([2, [1, 2, 3]]);
  flushes[1]?.resolve();
  await Promise.all(later);
});

test("after a failed flush nothing is promised any more", async () => {
  const write = insert(1);
  await turn();
  flushes[0]?.reject(new TypeError("input/output error"));
  expect(await rejectionOf(write)).toMatchObject({ code: "miroir_store_unavailable" });
  expect(await rejectionOf(insert(2))).toMatchObject({ code: "miroir_store_unavailable", status: 503 });
  expect(rows()).toEqual([1]);
});

test("closing waits for what was given in and refuses the rest", async () => {
  const write = insert(1);
  const closed = queue.close();
  expect(await rejectionOf(insert(2))).toMatchObject({ code: "miroir_shutting_down" });
  await turn();
  flushes[0]?.resolve();
  await Promise.all([write, closed]);
  expect(rows()).toEqual([1]);
});
