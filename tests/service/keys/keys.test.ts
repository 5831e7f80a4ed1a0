/** Keys over three real nodes: one uid and one key text everywhere, all nodes or none. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import { createHttpNodeClient } from "../../../src/nodes/http/http-node-client.ts";
import type { NodeClient } from "../../../src/nodes/node-client.ts";
import { systemRandom } from "../../../src/platform/system.ts";
import { alignShared } from "../../../src/services/admission/align-shared.ts";
import { alignFeatures } from "../../../src/services/experimental/align-features.ts";
import { changeExperimentalFeatures } from "../../../src/services/experimental/experimental-features.ts";
import { adoptDefaultKeys } from "../../../src/services/keys/adopt-keys.ts";
import {
  createKey,
  deleteKey,
  getKey,
  type KeysDeps,
  listKeys,
  updateKey,
} from "../../../src/services/keys/change-keys.ts";
import type { KeyView } from "../../../src/services/keys/key-requests.ts";
import { clientOf } from "../../support/node-clients.ts";
import { nodeRequest, startNode, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";
import { createRuleBook } from "../../../src/services/search-rules/rule-book.ts";
import { memorySearchRuleStore } from "../../../src/store/memory/search-rule-store.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let clients: NodeClient[];
let forgotten: number;

beforeEach(async () => {
  nodes = await startNodes(3);
  clients = nodes.map(clientOf);
  forgotten = 0;
}, 60_000);
afterEach(() => Promise.all(nodes.map((node) => node.stop())));

function depsOf(fleet: SmallFleet): KeysDeps {
  return {
    ...fleet.deps,
    random: systemRandom,
    forget: () => void (forgotten += 1),
    queue: (work) => fleet.deps.gate.run("keys", work),
  };
}

async function keysOf(node: TestNode): Promise<readonly KeyView[]> {
  return (await nodeRequest(node, "GET", "/keys?limit=100")).body.results as KeyView[];
}

const texts = async (node: TestNode): Promise<readonly string[]> =>
  (await keysOf(node)).map((key) => key.key).toSorted();

async function adopt(): Promise<Awaited<ReturnType<typeof adoptDefaultKeys>>> {
  const fleet = createSmallFleet({ clients });
  return adoptDefaultKeys({ ...fleet.deps, forget: () => void (forgotten += 1) });
}

test("the default keys of one node become those of all, and a second time changes nothing", async () => {
  const before = await Promise.all(nodes.map(texts));
  expect(new Set(before.map((one) => one.join())).size).toBe(3);
  expect(await adopt()).toEqual({ pending: [], foreign: [] });
  const after = await Promise.all(nodes.map(texts));
  expect(new Set(after.map((one) => one.join())).size).toBe(1);
  expect(before.map((one) => one.join())).toContain((after[0] as string[]).join());
  expect(forgotten).toBe(2);
  const names = await Promise.all(
    nodes.map(async (node) => (await keysOf(node)).map((key) => key.name ?? "").toSorted()),
  );
  expect(names[1]).toEqual(names[0] ?? []);
  await adopt();
  expect(forgotten).toBe(2);
  expect(await Promise.all(nodes.map(texts))).toEqual(after);
});

test("a node that comes back empty takes the keys that clients use, theirs and the default ones", async () => {
  await adopt();
  const fleet = createSmallFleet({ clients });
  await createKey(depsOf(fleet), KEY_BODY, JSON.parse(KEY_BODY));
  const used = await texts(nodes[1] as TestNode);
  await nodes[0]?.stop();
  nodes[0] = await startNode();
  clients = nodes.map(clientOf);
  await adopt();
  expect(await Promise.all(nodes.map(texts))).toEqual([used, used, used]);
});

test("a node that is away is named and done when it is back", async () => {
  await nodes[2]?.kill();
  expect(await adopt()).toEqual({ pending: ["n2"], foreign: [] });
  await nodes[2]?.restart();
  expect(await adopt()).toEqual({ pending: [], foreign: [] });
  const after = await Promise.all(nodes.map(texts));
  expect(after[2]).toEqual(after[0] as string[]);
}, 30_000);

test("nodes with different master keys are found out", async () => {
  await nodes[1]?.stop();
  nodes[1] = await startNode({ masterKey: "another-master-key-0123456789" });
  clients = nodes.map(clientOf);
  expect((await adopt()).foreign.length).toBe(1);
  const stale = createHttpNodeClient({
    nodeId: "n1",
    address: nodes[1]?.url ?? "",
    masterKey: nodes[0]?.masterKey ?? "",
  });
  clients = clients.with(1, stale);
  expect((await adopt()).foreign).toEqual(["n1"]);
});

test("keys and features that were changed while a node was away are its own when it is back, and a deleted key stays deleted", async () => {
  await adopt();
  const fleet = createSmallFleet({ clients, policy: "available" });
  const deps = depsOf(fleet);
  const align = () =>
    alignShared({
      ...fleet.deps,
      book: createRuleBook(memorySearchRuleStore()),
      hints: { pending: () => false },
      steady: () => true,
      forget: () => {},
    });
  const kept = JSON.parse((await createKey(deps, KEY_BODY, JSON.parse(KEY_BODY))).text) as KeyView;
  const gone = JSON.parse((await createKey(deps, KEY_BODY, JSON.parse(KEY_BODY))).text) as KeyView;
  fleet.away.add("n2");
  const made = JSON.parse((await createKey(deps, KEY_BODY, JSON.parse(KEY_BODY))).text) as KeyView;
  await deleteKey(deps, gone.uid);
  await updateKey(deps, kept.uid, '{"name":"renamed"}');
  await changeExperimentalFeatures(deps, '{"containsFilter":true}', { containsFilter: true });
  expect(fleet.deps.versions.missedShared("n2")).toBe(true);
  fleet.away.delete("n2");

  expect(await align()).toEqual({ pending: [] });
  expect(fleet.deps.versions.missedShared("n2")).toBe(false);
  const names = async (node: TestNode) =>
    Object.fromEntries((await keysOf(node)).map((key) => [key.uid, key.name] as const));
  const [first, , third] = await Promise.all(nodes.map(names));
  expect(third).toEqual(first as Record<string, string>);
  expect(third).toMatchObject({ [kept.uid]: "renamed", [made.uid]: "k" });
  expect(Object.keys(third as object)).not.toContain(gone.uid);
  for (const node of nodes) {
    expect((await nodeRequest(node, "GET", "/experimental-features")).body.containsFilter).toBe(true);
  }
});

test("a first node that comes back empty decides nothing: it takes the switches of those that stayed", async () => {
  const switches = async (node: TestNode): Promise<boolean> =>
    (await nodeRequest(node, "GET", "/experimental-features")).body.containsFilter as boolean;
  for (const [stayed, steady] of [
    [nodes.slice(1), (nodeId: string): boolean => nodeId !== "n0"],
    // A router that has just started knows of none that it stayed.
    [nodes.slice(1), (): boolean => false],
    [nodes.slice(2), (): boolean => false],
  ] as const) {
    for (const node of nodes) {
      const containsFilter = stayed.includes(node);
      await nodeRequest(node, "PATCH", "/experimental-features", { containsFilter });
    }
    const there = clients.filter((_client, place) => place === 0 || stayed.includes(nodes[place] as TestNode));
    const fleet = createSmallFleet({ clients: there });
    expect((await alignFeatures({ ...fleet.deps, steady })).pending).toEqual([]);
    expect(await Promise.all([nodes[0], ...stayed].map((node) => switches(node as TestNode)))).not.toContain(false);
  }
});

test("a node that missed a change and is alone decides nothing: it waits for one that knows", async () => {
  await adopt();
  const fleet = createSmallFleet({ clients, policy: "available" });
  fleet.away.add("n2");
  await createKey(depsOf(fleet), KEY_BODY, JSON.parse(KEY_BODY));
  fleet.away.delete("n2");
  await nodes[0]?.kill();
  await nodes[1]?.kill();
  expect(
    (
      await alignShared({
        ...fleet.deps,
        book: createRuleBook(memorySearchRuleStore()),
        hints: { pending: () => false },
        steady: () => true,
        forget: () => {},
      })
    ).pending,
  ).toContain("n2");
});

const KEY_BODY = JSON.stringify({ name: "k", actions: ["search"], indexes: ["*"], expiresAt: null });

test("a new key has one uid and one text on all nodes, and goes from all", async () => {
  const deps = depsOf(createSmallFleet({ clients }));
  const created = await createKey(deps, KEY_BODY, JSON.parse(KEY_BODY));
  expect(created.status).toBe(201);
  const key = JSON.parse(created.text) as KeyView;
  for (const node of nodes) expect((await nodeRequest(node, "GET", `/keys/${key.key}`)).body.uid).toBe(key.uid);

  const update = '{"name":"renamed"}';
  expect(JSON.parse((await updateKey(deps, key.uid, update)).text).name).toBe("renamed");
  for (const node of nodes) expect((await nodeRequest(node, "GET", `/keys/${key.uid}`)).body.name).toBe("renamed");

  expect(await deleteKey(deps, key.key)).toEqual({ status: 204, text: "" });
  for (const node of nodes) expect((await nodeRequest(node, "GET", `/keys/${key.uid}`)).status).toBe(404);
  expect(forgotten).toBe(3);
});

test("a node's refusal is told in its words and changes nothing", async () => {
  const deps = depsOf(createSmallFleet({ clients }));
  const before = await Promise.all(nodes.map(texts));
  for (const [body, code] of [
    ['{"actions":["nope"]}', "invalid_api_key_actions"],
    ["[]", "bad_request"],
    ['{"actions":["search"],"indexes":["a"]}', "missing_api_key_expires_at"],
    ['{"uid":5,"actions":["search"],"indexes":["a"],"expiresAt":null}', "invalid_api_key_uid"],
  ] as const) {
    const error: unknown = await createKey(deps, body, JSON.parse(body)).catch((one: unknown) => one);
    expect(error).toMatchObject({ status: 400, code });
  }
  const missing: unknown = await getKey(deps, "nobody", AbortSignal.timeout(5_000)).catch((one: unknown) => one);
  expect(missing).toMatchObject({ status: 404, code: "api_key_not_found" });
  const query: unknown = await listKeys(deps, "?limit=x", AbortSignal.timeout(5_000)).catch((one: unknown) => one);
  expect(query).toMatchObject({ code: "invalid_api_key_limit" });
  expect(await Promise.all(nodes.map(texts))).toEqual(before);
});

test("a change that one node cannot take is taken back from the others", async () => {
  const lossy = (lost: string): SmallFleet => {
    const real = clients[2] as NodeClient;
    const client: NodeClient = {
      ...real,
      send: async (request, signal) =>
        request.method === lost
          ? { kind: "unavailable", nodeId: "n2", reason: "connection", ambiguous: false, message: "gone" }
          : real.send(request, signal),
    };
    return createSmallFleet({ clients: clients.with(2, client) });
  };
  const before = await Promise.all(nodes.map(texts));
  const refused: unknown = await createKey(depsOf(lossy("POST")), KEY_BODY, JSON.parse(KEY_BODY)).catch(
    (e: unknown) => e,
  );
  expect(refused).toMatchObject({ status: 503, code: "miroir_node_unavailable" });
  expect(await Promise.all(nodes.map(texts))).toEqual(before);

  const created = await createKey(depsOf(createSmallFleet({ clients })), KEY_BODY, JSON.parse(KEY_BODY));
  const key = JSON.parse(created.text) as KeyView;
  await updateKey(depsOf(lossy("PATCH")), key.uid, '{"name":"x"}').catch(() => undefined);
  await deleteKey(depsOf(lossy("DELETE")), key.uid).catch(() => undefined);
  for (const node of nodes) {
    expect((await nodeRequest(node, "GET", `/keys/${key.uid}`)).body).toMatchObject({ name: "k", key: key.key });
  }
});
