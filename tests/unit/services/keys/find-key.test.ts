import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { createKeyFinder, type AskNode, type KeyFinder } from "../../../../src/services/keys/find-key.ts";
import { failureOf } from "../../../http/failure-of.ts";
import { createFakeClock, type FakeClock } from "../../../support/fake-clock.ts";

const NODE_MASTER = "the-node-master-key";
const UID = "0b7c1d1e-5f0a-4c3e-9d55-aa0f9c1b2d3e";
const TEXT = createHmac("sha256", NODE_MASTER).update(UID).digest("hex");
const VIEW = { uid: UID, key: TEXT, actions: ["search"], indexes: ["*"], expiresAt: null };

interface Fixture {
  readonly keys: KeyFinder;
  readonly clock: FakeClock;
  readonly asked: string[];
  answer: () => ReturnType<AskNode>;
}

const signal = new AbortController().signal;
const found = (view: object = VIEW): ReturnType<AskNode> =>
  Promise.resolve({ kind: "answered", text: JSON.stringify(view) });
const refused = (code: string): ReturnType<AskNode> => Promise.resolve({ kind: "refused", error: { code } });

function fixture(): Fixture {
  const clock = createFakeClock();
  const asked: string[] = [];
  const made = { asked, clock, answer: () => found() };
  const ask: AskNode = (path) => {
    asked.push(path);
    return made.answer();
  };
  return Object.assign(made, { keys: createKeyFinder({ ask, clock, nodeMasterKey: NODE_MASTER }) });
}

describe("what the nodes know of a key", () => {
  test("is asked once and kept for some seconds", async () => {
    const it = fixture();
    expect(await it.keys.byText(TEXT, signal)).toMatchObject({ uid: UID, actions: ["search"] });
    await it.keys.byText(TEXT, signal);
    expect(it.asked).toEqual([`/keys/${TEXT}`]);
    await it.clock.advance(5_001);
    await it.keys.byText(TEXT, signal);
    expect(it.asked).toHaveLength(2);
  });

  test("that there is no such key is kept for a shorter time", async () => {
    const it = fixture();
    it.answer = () => refused("api_key_not_found");
    expect(await it.keys.byText(TEXT, signal)).toBeNull();
    expect(await it.keys.byText(TEXT, signal)).toBeNull();
    expect(it.asked).toHaveLength(1);
    it.answer = () => found();
    await it.clock.advance(1_001);
    expect(await it.keys.byText(TEXT, signal)).not.toBeNull();
  });

  test("is forgotten at once when keys change, also an answer that is still on its way", async () => {
    const it = fixture();
    const answers: (() => void)[] = [];
    it.answer = () =>
      new Promise((resolve) => answers.push(() => resolve({ kind: "answered", text: JSON.stringify(VIEW) })));
    const early = it.keys.byText(TEXT, signal);
    await it.clock.settle();
    it.keys.forget();
    it.answer = () => refused("api_key_not_found");
    expect(await it.keys.byText(TEXT, signal)).toBeNull();
    answers[0]?.();
    await early;
    expect(await it.keys.byText(TEXT, signal)).toBeNull();
  });

  test("is asked once for many who wait, and one who gives up does not spoil it for the others", async () => {
    const it = fixture();
    let release = (): void => undefined;
    it.answer = () =>
      new Promise((resolve) => (release = () => resolve({ kind: "answered", text: JSON.stringify(VIEW) })));
    const impatient = new AbortController();
    const first = it.keys.byText(TEXT, impatient.signal);
    const second = it.keys.byText(TEXT, signal);
    await it.clock.settle();
    impatient.abort(new TypeError("gone"));
    expect((await failureOf(first)).message).toContain("gone");
    release();
    expect(await second).not.toBeNull();
    expect(it.asked).toHaveLength(1);
  });

  test("only what looks like a key is asked for at all", async () => {
    const it = fixture();
    for (const text of ["", UID, "x".repeat(64), "../stats", TEXT.slice(1), `${TEXT}0`]) {
      expect(await it.keys.byText(text, signal)).toBeNull();
    }
    expect(it.asked).toEqual([]);
  });

  test("a key is found in upper case too, as on a node", async () => {
    expect(await fixture().keys.byText(TEXT.toUpperCase(), signal)).not.toBeNull();
  });

  test("a node that answers with another key than the presented one is not believed", async () => {
    const it = fixture();
    it.answer = () => found({ ...VIEW, uid: "00000000-0000-4000-8000-000000000000" });
    expect(await it.keys.byText(TEXT, signal)).toBeNull();
  });

  test("an end with nanoseconds is read, one that cannot be read is past", async () => {
    const it = fixture();
    it.answer = () => found({ ...VIEW, expiresAt: "2030-01-02T03:04:05.123456789Z" });
    expect((await it.keys.byUid(UID, signal))?.expiresAt).toBe(Date.UTC(2030, 0, 2, 3, 4, 5, 123));
    it.keys.forget();
    it.answer = () => found({ ...VIEW, expiresAt: "some day" });
    expect((await it.keys.byUid(UID, signal))?.expiresAt).toBe(0);
  });

  test("a node that refuses the router itself is an error and no verdict on the key", async () => {
    const it = fixture();
    it.answer = () => refused("invalid_api_key");
    expect(await failureOf(it.keys.byText(TEXT, signal))).toMatchObject({
      status: 503,
      code: "miroir_node_unavailable",
    });
    it.answer = () => found();
    expect(await it.keys.byText(TEXT, signal)).not.toBeNull();
  });

  test("lookups at the same time are bounded", async () => {
    const it = fixture();
    it.answer = () => new Promise(() => undefined);
    const attempts = Array.from({ length: 40 }, (_, i) => {
      const text = i.toString(16).padStart(64, "0");
      return it.keys.byText(text, signal).catch((error: unknown) => (error as { code: string }).code);
    });
    await it.clock.settle();
    expect(it.asked).toHaveLength(32);
    expect(await attempts[39]).toBe("miroir_overloaded");
  });
});
