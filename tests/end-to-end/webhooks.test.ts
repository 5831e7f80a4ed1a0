/** Webhooks of the router in front of nodes: what they are told, how often, and what they survive. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, realEnginePath, startNode, type TestNode } from "../support/nodes.ts";
import { startWebhookListener, type WebhookListener } from "../support/webhook-listener.ts";

const TIMEOUT_MS = 60_000;
const ALLOWED = '  outgoing: { allowed_ip_networks: ["127.0.0.0/8"] }';

let miroir: TestMiroir;
let listener: WebhookListener;
beforeAll(async () => {
  listener = startWebhookListener();
  miroir = await startMiroir({ nodes: 2, replicationFactor: 2, shards: 4, config: ALLOWED });
}, TIMEOUT_MS);
afterAll(async () => {
  await listener.stop();
  await miroir.stop();
});

async function removeAll(): Promise<void> {
  const { body } = await miroir.request("GET", "/webhooks");
  for (const { uuid } of body.results) await miroir.request("DELETE", `/webhooks/${uuid}`);
}

test(
  "trap 58: a webhook is told once of each task of the router, with its number, and never by a node",
  async () => {
    const made = await miroir.request("POST", "/webhooks", {
      url: listener.url,
      headers: { Authorization: "Bearer s" },
    });
    expect([made.status, made.body.headers.Authorization]).toEqual([201, "Bearer XXX..."]);
    const tasks = [await miroir.write("POST", "/indexes", { uid: "films", primaryKey: "id" })];
    for (let id = 0; id < 5; id += 1) tasks.push(await miroir.write("POST", "/indexes/films/documents", [{ id }]));
    tasks.push(await miroir.write("POST", "/indexes", { uid: "films" }));
    await listener.until((one) => one.tasks().length >= tasks.length);
    expect(listener.tasks()).toEqual(tasks);
    expect(listener.tasks().at(-1)).toMatchObject({ status: "failed", error: { code: "index_already_exists" } });
    const { headers } = listener.deliveries[0] ?? { headers: new Headers() };
    expect(["authorization", "content-encoding", "content-type"].map((name) => headers.get(name))).toEqual([
      "Bearer s",
      "gzip",
      "application/x-ndjson",
    ]);
    for (const node of miroir.nodes) {
      const { status, body } = await nodeRequest(node, "GET", "/webhooks");
      expect(status === 200 ? body.results : []).toEqual([]);
    }
    await removeAll();
  },
  TIMEOUT_MS,
);

test(
  "what ended while the webhook or the router was away is told after it is back",
  async () => {
    const away = startWebhookListener();
    await miroir.request("POST", "/webhooks", { url: away.url });
    away.answerWith(500);
    const first = await miroir.write("POST", "/indexes/films/documents", [{ id: 10 }]);
    await away.until((one) => one.requests > 0);
    await miroir.kill();
    away.answerWith(200);
    await miroir.start();
    await away.until((one) => one.tasks().length > 0);
    const second = await miroir.write("POST", "/indexes/films/documents", [{ id: 11 }]);
    await away.until((one) => one.tasks().length > 1);
    expect(away.tasks().map(({ uid }) => uid)).toEqual([first.uid, second.uid]);
    await away.stop();
    await removeAll();
  },
  TIMEOUT_MS,
);

describe.skipIf(realEnginePath() === null)("what a node refuses", () => {
  let single: TestNode;
  beforeAll(async () => {
    single = await startNode();
  });
  afterAll(() => single.stop());

  const manyHeaders = Object.fromEntries(Array.from({ length: 201 }, (_unused, n) => [`x-${n}`, "v"]));
  const cases: readonly [string, string, string, unknown][] = [
    ["no address", "POST", "/webhooks", {}],
    ["null as address", "POST", "/webhooks", { url: null }],
    ["an empty address", "POST", "/webhooks", { url: "" }],
    ["a number as address", "POST", "/webhooks", { url: 5 }],
    ["a list as address", "POST", "/webhooks", { url: ["a"] }],
    ["an address without a scheme", "POST", "/webhooks", { url: "example.com/x" }],
    ["an address without a host", "POST", "/webhooks", { url: "http://" }],
    ["a port without a host", "POST", "/webhooks", { url: "http://:80" }],
    ["a port that is too high", "POST", "/webhooks", { url: "http://a:99999/" }],
    ["a port that is no number", "POST", "/webhooks", { url: "http://a:b/" }],
    ["a broken IPv6 address", "POST", "/webhooks", { url: "http://[::zz]/" }],
    ["a broken IPv4 address", "POST", "/webhooks", { url: "http://1.2.3.400/" }],
    ["a space in the host", "POST", "/webhooks", { url: "https://a b/" }],
    ["a number as headers", "POST", "/webhooks", { url: "https://a.b", headers: 3 }],
    ["a number as header", "POST", "/webhooks", { url: "https://a.b", headers: { x: 3 } }],
    ["a space in the name of a header", "POST", "/webhooks", { url: "https://a.b", headers: { "a b": "x" } }],
    ["an empty name of a header", "POST", "/webhooks", { url: "https://a.b", headers: { "": "x" } }],
    ["a line end in a header", "POST", "/webhooks", { url: "https://a.b", headers: { ok: "a\nb" } }],
    ["too many headers", "POST", "/webhooks", { url: "https://a.b", headers: manyHeaders }],
    ["an unknown field", "POST", "/webhooks", { url: "https://a.b", other: 1 }],
    ["a uuid in the body", "POST", "/webhooks", { uuid: "x", url: "https://a.b" }],
    ["isEditable in the body", "POST", "/webhooks", { url: "https://a.b", isEditable: true }],
    ["a list as body", "POST", "/webhooks", [1]],
    ["a broken body", "POST", "/webhooks", "{"],
    ["an empty body", "POST", "/webhooks", ""],
    ["asking by what is no uuid", "GET", "/webhooks/not-a-uuid", undefined],
    ["asking by an unknown uuid", "GET", "/webhooks/67e55044-10b1-426f-9247-bb680e5fe0c8", undefined],
    ["asking by the nil uuid", "GET", "/webhooks/00000000-0000-0000-0000-000000000000", undefined],
    ["changing the nil uuid", "PATCH", "/webhooks/00000000-0000-0000-0000-000000000000", { url: "https://a.b" }],
    ["changing an unknown uuid", "PATCH", "/webhooks/67e5504410b1426f9247bb680e5fe0c8", { url: "https://a.b" }],
    ["changing what is no uuid", "PATCH", "/webhooks/not-a-uuid", { url: "https://a.b" }],
    ["a wrong body for what is no uuid", "PATCH", "/webhooks/not-a-uuid", { urll: "https://a.b" }],
    ["deleting the nil uuid", "DELETE", "/webhooks/00000000-0000-0000-0000-000000000000", undefined],
    ["deleting an unknown uuid", "DELETE", "/webhooks/67e55044-10b1-426f-9247-bb680e5fe0c8", undefined],
    ["deleting what is no uuid", "DELETE", "/webhooks/x", undefined],
    ["a method that there is not", "PUT", "/webhooks", {}],
  ];

  /** A webhook that is refused has a uuid that nobody can know. */
  const anonymous = (text: string): string =>
    text.replace(/`[0-9a-f]{8}-(?!0000|10b1)[0-9a-f]{4}-[0-9a-f-]{22}`/g, "`uuid`");

  test.each(cases)(
    "%s is refused by the router in the same words",
    async (_what, method, path, body) => {
      const [left, right] = await Promise.all([single, miroir].map((side) => nodeRequest(side, method, path, body)));
      expect(right?.status).toBe(left?.status ?? 0);
      if (left?.status !== 405) expect(anonymous(right?.text ?? "")).toBe(anonymous(left?.text ?? ""));
    },
    TIMEOUT_MS,
  );

  test(
    "webhooks are shown and changed as on a node, and there are at most twenty",
    async () => {
      const story = async (side: TestNode | TestMiroir): Promise<unknown[]> => {
        const answers: unknown[] = [];
        const note = ({ status, body }: { status: number; body: unknown }, uuid: string): void => {
          const text = JSON.stringify(body) ?? "";
          answers.push([status, text.replaceAll(uuid, "uuid")]);
        };
        const headers = {
          zeta: "1 é",
          Authorization: "Bearer 0123456789",
          authorization: "0123456789012345678901",
          AUTHORIZATION: "Bearer 0123456789012345678901234567890123456789",
        };
        const made = await nodeRequest(side, "POST", "/webhooks", { url: "https://a.b/c?d=e", headers });
        const { uuid } = made.body;
        note(made, uuid);
        note(await nodeRequest(side, "GET", `/webhooks/${uuid}`), uuid);
        note(await nodeRequest(side, "GET", "/webhooks"), uuid);
        const change = { headers: { zeta: null, other: "x", authorization: null } };
        note(await nodeRequest(side, "PATCH", `/webhooks/${uuid}`, change), uuid);
        note(await nodeRequest(side, "PATCH", `/webhooks/${uuid.toUpperCase()}`, { url: "http://c.d" }), uuid);
        note(await nodeRequest(side, "PATCH", `/webhooks/${uuid}`, { url: null }), uuid);
        note(await nodeRequest(side, "PATCH", `/webhooks/${uuid}`, { headers: null }), uuid);
        note(await nodeRequest(side, "PATCH", `/webhooks/${uuid}`, {}), uuid);
        for (let n = 0; n < 20; n += 1) {
          const more = await nodeRequest(side, "POST", "/webhooks", { url: `http://x.y/${n}`, headers: { a: null } });
          note(more, more.body.uuid ?? "none");
        }
        const { body } = await nodeRequest(side, "GET", "/webhooks");
        const uuids = body.results.map((one: { uuid: string }) => one.uuid);
        expect(uuids).toEqual(uuids.toSorted());
        for (const one of uuids) note(await nodeRequest(side, "DELETE", `/webhooks/${one}`), one);
        note(await nodeRequest(side, "GET", "/webhooks"), "none");
        return answers;
      };
      expect(await story(miroir)).toEqual(await story(single));
    },
    TIMEOUT_MS,
  );
});
