/**
 * `miroir demo`: the whole job on an empty machine. Three nodes, a router, sample documents, a search, a node killed,
 * the same search again. Prints what it does; exit code 0 only if the second answer equals the first.
 */
import { readEnvironment } from "../config/read-sources.ts";
import { assert } from "../core/assert.ts";
import { systemClock } from "../platform/system.ts";
import { demoFetch, type DemoAnswer } from "./demo-client.ts";
import { demoFilms } from "./demo-films.ts";
import { findEngine, startDemoFleet, type DemoFleet } from "./demo-fleet.ts";
import { print, printTable } from "./print.ts";

export interface DemoArguments {
  readonly once: boolean;
  readonly nodes: number;
  readonly port: number;
}

const FILMS = 1_200;
const POLL_MS = 20;
const TASK_TIMEOUT_MS = 60_000;
const SEARCH = { q: "mirror of the magician", facets: ["genres"], limit: 5 };

export async function runDemo(args: DemoArguments): Promise<number> {
  const engine = findEngine(readEnvironment()["MEILISEARCH_BIN"]);
  print(`Starting ${args.nodes} ${engine === null ? "development nodes" : "Meilisearch nodes"} and a router …`);
  const fleet = await startDemoFleet({ ...args, engine });
  try {
    const same = await tour(fleet);
    if (!args.once) await untilInterrupted(fleet);
    return same ? 0 : 1;
  } finally {
    await fleet.stop();
  }
}

async function tour(fleet: DemoFleet): Promise<boolean> {
  for (const node of fleet.nodes) print(`  ${node.id}  ${node.url}  (${fleet.engine})`);
  print(`  router  ${fleet.routerUrl}  (64 shards, every shard on 2 nodes)\n`);

  print(`Adding ${FILMS} films through the router, as to a single Meilisearch …`);
  await settled(fleet, await api(fleet, "POST", "/indexes", { uid: "films", primaryKey: "id" }));
  const settings = { filterableAttributes: ["genres", "year"], sortableAttributes: ["year", "rating"] };
  await settled(fleet, await api(fleet, "PATCH", "/indexes/films/settings", settings));
  await settled(fleet, await api(fleet, "POST", "/indexes/films/documents", demoFilms(FILMS)));
  await showCounts(fleet);

  print(`\nSearching for "${SEARCH.q}", with the number of films per genre:`);
  const before = await search(fleet);
  showAnswer(before);

  const victim = fleet.nodes[1];
  assert(victim !== undefined, "the demo has at least two nodes");
  victim.child.kill("SIGKILL");
  await victim.child.exited;
  print(`\nKilled ${victim.id}. The same search again:`);
  const after = await search(fleet);
  showAnswer(after);

  const same = JSON.stringify(comparable(before)) === JSON.stringify(comparable(after));
  const degraded = after.headers.get("x-miroir-degraded");
  print(
    same && degraded === null
      ? "\nThe answer is the same, hit for hit: every shard had a second copy."
      : `\nThe answers differ${degraded === null ? "" : ` (${degraded})`}: that is a defect.`,
  );
  return same && degraded === null;
}

async function showCounts(fleet: DemoFleet): Promise<void> {
  const rows: string[][] = [];
  for (const node of fleet.nodes) {
    const stats = await demoFetch("GET", `${node.url}/indexes/films/stats`, fleet.masterKey);
    rows.push([node.id, String(field(stats.body, "numberOfDocuments"))]);
  }
  const whole = await api(fleet, "GET", "/indexes/films/stats");
  rows.push(["through the router", String(field(whole.body, "numberOfDocuments"))]);
  printTable(["node", "documents"], rows);
}

async function search(fleet: DemoFleet): Promise<DemoAnswer> {
  const answer = await api(fleet, "POST", "/indexes/films/search", SEARCH);
  assert(answer.status === 200, `the search is answered with 200 (it was ${answer.status})`);
  return answer;
}

function showAnswer(answer: DemoAnswer): void {
  const hits = field(answer.body, "hits") as readonly Record<string, unknown>[];
  printTable(
    ["film", "year", "about"],
    hits.map((hit) => [String(hit["title"]), String(hit["year"]), String(hit["overview"])]),
  );
  const genres = field(field(answer.body, "facetDistribution"), "genres") as Record<string, number>;
  const counted = Object.entries(genres).map(([genre, count]) => `${genre} ${count}`);
  print(`${String(field(answer.body, "estimatedTotalHits"))} films match: ${counted.join(", ")}`);
}

/** What must be equal in two answers to the same search: everything but how long it took and its request's id. */
function comparable(answer: DemoAnswer): unknown {
  const { processingTimeMs: _time, requestUid: _uid, ...rest } = answer.body as Record<string, unknown>;
  return rest;
}

async function api(fleet: DemoFleet, method: string, path: string, body?: unknown): Promise<DemoAnswer> {
  return demoFetch(method, fleet.routerUrl + path, fleet.masterKey, body);
}

async function settled(fleet: DemoFleet, accepted: DemoAnswer): Promise<void> {
  assert(
    accepted.status === 202,
    `the write is accepted (it was ${accepted.status}: ${JSON.stringify(accepted.body)})`,
  );
  const uid = String(field(accepted.body, "taskUid"));
  const deadline = systemClock.monotonicMs() + TASK_TIMEOUT_MS;
  while (systemClock.monotonicMs() < deadline) {
    const { body } = await api(fleet, "GET", `/tasks/${uid}`);
    const status = field(body, "status");
    if (status === "succeeded") return;
    assert(status !== "failed", `task ${uid} succeeds (${JSON.stringify(field(body, "error"))})`);
    await systemClock.sleep(POLL_MS);
  }
  assert(false, `task ${uid} ends within ${TASK_TIMEOUT_MS} ms`);
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

async function untilInterrupted(fleet: DemoFleet): Promise<void> {
  print(`
Everything keeps running until Ctrl-C. Try:
  curl -H 'authorization: Bearer ${fleet.masterKey}' '${fleet.routerUrl}/indexes/films/search?q=harbour'
  miroir ctl status --url ${fleet.routerUrl}   (with MIROIR_ADMIN_API_KEY=${fleet.adminKey})`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  print("\nStopping.");
}
