/** `search.tie_break` changed on indexes that exist: every node follows, and reads count on the rule only when all have it. */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import { PLAIN_FORM, type TieBreak } from "../../../src/core/settings/node-form.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { createTieBreakChange } from "../../../src/services/settings/change-tie-break.ts";
import { readSettings } from "../../../src/services/settings/read-settings.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";

setDefaultTimeout(60_000);

const CLIENT = { rankingRules: ["typo", "words", "price:asc"], sortableAttributes: ["price"] };
const RULE = "_miroir_seq:asc";

let nodes: TestNode[];
let fleet: SmallFleet;
let uid: string;
let count = 0;

beforeAll(async () => {
  nodes = await startNodes(2);
}, 60_000);
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(async () => {
  fleet = fleetOf("sequence");
  uid = `tie_${++count}`;
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  await fleet.end(await changeSettings(fleet.deps, { uid, patch: CLIENT, single: null, mayCreate: true }));
});

function fleetOf(tieBreak: TieBreak): SmallFleet {
  const clients = clientsOf(nodes);
  return createSmallFleet({ clients, tieBreak });
}

/** A router started with another value over the same catalog. */
function restarted(tieBreak: TieBreak, swapping = () => false) {
  const next = fleetOf(tieBreak);
  for (const entry of fleet.entries.values()) next.entries.set(entry.uid, entry);
  fleet = next;
  return createTieBreakChange({ ...next.deps, form: { ...PLAIN_FORM, tieBreak }, swapping });
}

async function untilSettled(change: ReturnType<typeof restarted>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await change.advance())) {
    if (performance.now() > deadline) throw new TypeError("the change does not end");
    await Bun.sleep(20);
  }
}

async function onNodes(): Promise<readonly { rankingRules: string[]; sortableAttributes: string[] }[]> {
  return Promise.all(nodes.map(async (node) => (await nodeRequest(node, "GET", `/indexes/${uid}/settings`)).body));
}

test("to `node` and back: every node follows, the client's settings and its view stay as they are", async () => {
  const before = await readSettings(fleet.deps, uid, null);
  const toNode = restarted("node");
  await toNode.prepare();
  expect(fleet.catalog.visible(uid).tieBreak).toBe("node");
  await untilSettled(toNode);
  for (const settings of await onNodes()) expect(settings).toMatchObject(CLIENT);
  expect(await readSettings(fleet.deps, uid, null)).toEqual(before);

  const back = restarted("sequence");
  await back.prepare();
  expect(fleet.catalog.visible(uid).tieBreak).toBe("node");
  await untilSettled(back);
  for (const settings of await onNodes()) {
    expect(settings.rankingRules).toEqual([...CLIENT.rankingRules, RULE]);
    expect(settings.sortableAttributes).toContain("_miroir_seq");
  }
  expect(fleet.catalog.visible(uid)).not.toHaveProperty("tieBreak");
  expect(await readSettings(fleet.deps, uid, null)).toEqual(before);
});

test("the start of a router with the same value as before asks for the turn on no index", async () => {
  const asked: string[] = [];
  const update: typeof fleet.catalog.update = (name, change) => {
    asked.push(name);
    return fleet.catalog.update(name, change);
  };
  for (const tieBreak of ["sequence", "node"] as const) {
    const prepare = () =>
      createTieBreakChange({
        ...fleet.deps,
        catalog: { list: () => fleet.catalog.list(), update },
        form: { ...PLAIN_FORM, tieBreak },
        swapping: () => false,
      }).prepare();
    await prepare();
    asked.length = 0;
    await prepare();
    expect(asked).toEqual([]);
  }
});

test("reads do not count on the rule while a node that may lack it is away", async () => {
  await untilSettled(restarted("node"));
  fleet.entries.set(uid, { ...fleet.catalog.visible(uid), tieBreak: "node" });
  const back = restarted("sequence");
  await back.prepare();
  fleet.away.add("n1");
  for (let round = 0; round < 20; round++) {
    expect(await back.advance()).toBe(false);
    await Bun.sleep(20);
  }
  expect(fleet.catalog.visible(uid).tieBreak).toBe("node");
  fleet.away.clear();
  await untilSettled(back);
  expect(fleet.catalog.visible(uid)).not.toHaveProperty("tieBreak");
});

test("what the nodes were seen to show of the two settings is forgotten, and nothing else", async () => {
  const settingsHashes = { rankingRules: "a", sortableAttributes: "b", stopWords: "c" };
  fleet.entries.set(uid, { ...fleet.catalog.visible(uid), settingsHashes });
  await restarted("sequence").prepare();
  expect(fleet.catalog.visible(uid).settingsHashes).toEqual(settingsHashes);
  await restarted("node").prepare();
  expect(fleet.catalog.visible(uid).settingsHashes).toEqual({ stopWords: "c" });
});

test("nothing is decided while indexes exchange their names or settings are being changed", async () => {
  const change = restarted("node", () => true);
  await change.prepare();
  expect(await change.advance()).toBe(false);
  const open = restarted("node");
  fleet.deps.changes.add(uid, 1, { stopWords: ["x"] });
  expect(await open.advance()).toBe(false);
  for (const settings of await onNodes()) expect(settings.rankingRules).toContain(RULE);
  fleet.deps.changes.remove(uid, 1);
  await untilSettled(open);
});

test("an index made while `node` is wanted has neither the rule nor anything to sort by", async () => {
  fleet = fleetOf("node");
  uid = `${uid}_new`;
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  expect(fleet.catalog.visible(uid).tieBreak).toBe("node");
  for (const settings of await onNodes()) {
    expect(settings.rankingRules).not.toContain(RULE);
    expect(settings.sortableAttributes).toEqual([]);
  }
});
