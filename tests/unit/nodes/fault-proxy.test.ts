import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";

let server: ReturnType<typeof Bun.serve>;
let proxy: FaultProxy;
let seen: string[] = [];
const answer = JSON.stringify({ ok: true, filler: "x".repeat(2_000) });

beforeAll(async () => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      seen.push(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`);
      return new Response(answer);
    },
  });
  proxy = await startFaultProxy({ port: server.port ?? 0 });
});
afterAll(async () => {
  await proxy.stop();
  await server.stop(true);
});
beforeEach(() => {
  proxy.heal();
  seen = [];
});

function ask(body = "hello", timeoutMs = 5_000): Promise<string> {
  return fetch(`${proxy.url}/documents`, {
    method: "POST",
    body,
    keepalive: false,
    signal: AbortSignal.timeout(timeoutMs),
  }).then((response) => response.text());
}

async function outcome(sent: Promise<string>): Promise<string> {
  return sent.then(
    () => "answered",
    () => "failed",
  );
}

test("a good line passes requests and answers unchanged, one after another and many at once", async () => {
  expect(await ask("one")).toBe(answer);
  const large = "y".repeat(3_000_000);
  const all = await Promise.all(Array.from({ length: 20 }, () => ask(large)));
  expect(all.every((text) => text === answer)).toBe(true);
  expect(seen.filter((line) => line.endsWith(large))).toHaveLength(20);
});

test("a lost answer is lost after the node has acted, a lost request before", async () => {
  proxy.set({ kind: "reset_answer" });
  expect(await outcome(ask("acted on"))).toBe("failed");
  expect(seen).toEqual(["POST /documents acted on"]);
  proxy.set({ kind: "reset_request" });
  expect(await outcome(ask("never seen"))).toBe("failed");
  expect(seen).toHaveLength(1);
});

test("a refusing line refuses until it is healed", async () => {
  proxy.set({ kind: "refuse" });
  expect(await outcome(ask())).toBe("failed");
  proxy.heal();
  await untilAnswered();
  expect(seen.length).toBeGreaterThan(0);
});

test("a stall delivers late what it has held, a partition loses it", async () => {
  proxy.set({ kind: "stall" });
  const held = ask("held");
  expect(await Promise.race([outcome(held), Bun.sleep(100).then(() => "waiting")])).toBe("waiting");
  expect(seen).toEqual([]);
  proxy.heal();
  expect(await held).toBe(answer);

  proxy.set({ kind: "partition" });
  const lost = outcome(ask("lost"));
  expect(await Promise.race([lost, Bun.sleep(100).then(() => "waiting")])).toBe("waiting");
  proxy.heal();
  expect(await lost).toBe("failed");
  expect(seen).toEqual(["POST /documents held"]);
});

test("a truncated answer is shorter than it says, a dripping one is whole, a slow one late", async () => {
  proxy.set({ kind: "truncate", bytes: 300 });
  expect(await outcome(ask())).toBe("failed");
  proxy.set({ kind: "drip", bytes: 400, everyMs: 5 });
  expect(await ask()).toBe(answer);
  proxy.set({ kind: "latency", ms: 50 });
  const startedMs = performance.now();
  expect(await ask()).toBe(answer);
  expect(performance.now() - startedMs).toBeGreaterThan(90);
});

test("a fault can be limited to some requests and says how often it has hit", async () => {
  const before = proxy.hits();
  proxy.set({ kind: "reset_answer", when: /^GET / });
  expect(await ask()).toBe(answer);
  expect(proxy.hits()).toBe(before);
  proxy.set({ kind: "reset_answer", when: /^POST \/documents/ });
  expect(await outcome(ask())).toBe("failed");
  expect(proxy.hits()).toBe(before + 1);
});

async function untilAnswered(): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await outcome(ask())) === "answered") return;
    await Bun.sleep(10);
  }
  throw new TypeError("the proxy did not answer after it was healed");
}
