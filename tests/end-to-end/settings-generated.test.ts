/**
 * Generated changes of settings against one single node: the same refusals, ends of tasks and details, and the same
 * settings shown afterwards. A form of a value that is not the node's would also make the change fail or freeze the index.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createDice } from "../differential/random.ts";
import { type Pair, type Side, startPair } from "../support/clients-pair.ts";
import { waitForEnd } from "../support/miroir.ts";
import { nodeRequest } from "../support/nodes.ts";
import { SETTINGS_DOCUMENTS, settingsRequest, type SettingsRequest } from "../support/settings-requests.ts";

const SEED = Number(process.env["MIROIR_SEED"] ?? 20_261_130);
const REQUESTS = Number(process.env["MIROIR_REQUESTS"] ?? 120);

let pair: Pair;
beforeAll(async () => {
  pair = await startPair(2, 2);
  await pair.load("POST", "/indexes/films/documents?primaryKey=id", SETTINGS_DOCUMENTS);
}, 120_000);
afterAll(() => pair.stop());

test(`${REQUESTS} generated changes of settings end as on a single node`, async () => {
  const dice = createDice(SEED);
  const ends = { refused: 0, failed: 0, succeeded: 0 };
  for (let at = 0; at < REQUESTS; at += 1) {
    const request = settingsRequest(dice, "films");
    const { single, miroir } = await pair.both((side) => carriedOut(side, request));
    // The request is part of what is compared, so that a difference names it.
    expect({ seed: SEED, request, ...miroir }).toEqual({ seed: SEED, request, ...single });
    ends[single.end] += 1;
  }
  console.log(`changes of settings, seed ${SEED}: ${JSON.stringify(ends)}`);
  expect(ends.succeeded).toBeGreaterThan(REQUESTS / 4);
  expect(ends.refused).toBeGreaterThan(0);
}, 300_000);

interface CarriedOut {
  readonly end: "refused" | "failed" | "succeeded";
  readonly told: string;
  readonly shown: string;
}

async function carriedOut(side: Side, { method, path, body }: SettingsRequest): Promise<CarriedOut> {
  const answer = await nodeRequest(side, method, path, body);
  if (answer.body?.taskUid === undefined) return { end: "refused", told: answer.text, shown: await shown(side) };
  const { status, error, details } = await waitForEnd(side, answer.body.taskUid);
  // Which node has failed is said besides.
  const told = JSON.stringify({ error, details: { ...details, nodes: undefined } });
  return { end: status === "succeeded" ? "succeeded" : "failed", told, shown: await shown(side) };
}

async function shown(side: Side): Promise<string> {
  return (await nodeRequest(side, "GET", "/indexes/films/settings")).text;
}
