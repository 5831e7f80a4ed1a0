/** What every store must do for webhooks: keep them within their number, and note for each of them which tasks ended. */
import { expect, test } from "bun:test";
import type { Webhook } from "../../../src/core/webhooks/webhook.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTask } from "./new-task.ts";

const webhook = (uuid: string, change: Partial<Webhook> = {}): Webhook => ({
  uuid,
  url: `https://example.com/${uuid}`,
  headers: { Authorization: "Bearer a-secret", "X-Other": "é" },
  ...change,
});

export function webhookContract(store: () => Store): void {
  const end = async (count: number): Promise<readonly number[]> => {
    const uids: number[] = [];
    for (let n = 0; n < count; n += 1) uids.push((await store().tasks.insert(newTask())).uid);
    for (const uid of uids) await store().tasks.update(uid, { status: "succeeded", finishedAt: 5 });
    return uids;
  };

  test("webhooks read back as they were written, sorted by uuid, and no more than allowed are taken", async () => {
    const { webhooks } = store();
    expect(await webhooks.add(webhook("b"), 2)).toBe(true);
    expect(await webhooks.add(webhook("a", { headers: {} }), 2)).toBe(true);
    expect(await webhooks.add(webhook("c"), 2)).toBe(false);
    expect(await webhooks.replace(webhook("b", { url: "https://example.com/other" }))).toBe(true);
    expect(await webhooks.replace(webhook("c"))).toBe(false);
    expect(await webhooks.all()).toEqual([
      webhook("a", { headers: {} }),
      webhook("b", { url: "https://example.com/other" }),
    ]);
    expect(await webhooks.remove("a")).toBe(true);
    expect(await webhooks.remove("a")).toBe(false);
    expect((await webhooks.all()).map(({ uuid }) => uuid)).toEqual(["b"]);
  });

  test("a task that ends is noted once for every webhook there is, in the order of the ends", async () => {
    const { webhooks, tasks } = store();
    await end(1);
    await webhooks.add(webhook("a"), 9);
    const first = await tasks.insert(newTask());
    const second = await tasks.insert(newTask());
    const third = await tasks.insert(newTask());
    await tasks.update(first.uid, { status: "processing", startedAt: 2 });
    expect(await webhooks.pending("a", 9)).toEqual([]);
    await tasks.update(second.uid, { status: "failed", finishedAt: 5 });
    await tasks.update(first.uid, { status: "succeeded", finishedAt: 4 });
    await tasks.update(first.uid, { details: { receivedDocuments: 2, indexedDocuments: 2 } });
    await webhooks.add(webhook("b"), 9);
    await tasks.update(third.uid, { status: "canceled", finishedAt: 6 });
    expect(await webhooks.pending("a", 9)).toEqual([second.uid, first.uid, third.uid]);
    expect(await webhooks.pending("a", 1)).toEqual([second.uid]);
    expect(await webhooks.pending("b", 9)).toEqual([third.uid]);
    expect(await webhooks.pending("none", 9)).toEqual([]);
  });

  test("what a webhook has been told of is no longer pending for it, and still is for the others", async () => {
    const { webhooks } = store();
    await webhooks.add(webhook("a"), 9);
    await webhooks.add(webhook("b"), 9);
    const [first = -1, second = -1, third = -1] = await end(3);
    await webhooks.settle("a", [first, third]);
    await webhooks.settle("a", [first]);
    await webhooks.settle("a", []);
    expect(await webhooks.pending("a", 9)).toEqual([second]);
    expect(await webhooks.pending("b", 9)).toEqual([first, second, third]);
  });

  test("a webhook that is far behind keeps only the newest of what is pending", async () => {
    const { webhooks } = store();
    await webhooks.add(webhook("a"), 9);
    const uids = await end(5);
    expect(await webhooks.keepNewest("a", 5)).toBe(0);
    expect(await webhooks.keepNewest("a", 2)).toBe(3);
    expect(await webhooks.pending("a", 9)).toEqual(uids.slice(3));
    expect(await webhooks.keepNewest("a", 0)).toBe(2);
  });

  test("what was pending for a removed webhook is gone with it", async () => {
    const { webhooks } = store();
    await webhooks.add(webhook("a"), 9);
    await end(2);
    await webhooks.remove("a");
    await webhooks.add(webhook("a"), 9);
    expect(await webhooks.pending("a", 9)).toEqual([]);
  });
}
