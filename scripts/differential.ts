/**
 * The differential machine: one real node and Miroir over several get the same documents and requests; one line of
 * JSON on stdout says how their answers compare. `--help` lists the options; exit code 1 when an answer is different.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  askGenerated,
  loadGenerated,
  runGenerated,
  type GeneratedRunOptions,
  type LoadedIndex,
} from "../tests/differential/generated-run.ts";
import { KINDS, KINDS_DEFAULT, readKinds } from "../tests/differential/kinds.ts";
import { indexOf, readRequests, type DifferentialRequest } from "../tests/differential/request.ts";
import { addReports, runDifferential, type DifferentialReport } from "../tests/differential/run.ts";
import { killNodes, load, startWorld, type World } from "../tests/differential/world.ts";

const HELP = `bun run differential -- --documents FILE --settings FILE --requests FILE [options]
bun run differential -- --generate N --seed S [options]

  --documents FILE      JSON array, or one JSON object per line
  --settings FILE       JSON object
  --requests FILE       one {"method","path","body","headers"} per line
  --index UID           index to load; default: that of the first request
  --primary-key NAME    default: id
  --generate N          compare N generated requests
  --seed S              default 1
  --settings-count K    generated settings, N / K requests each; default 20
  --only K              of the generated settings run only number K
  --documents-count M   generated documents per settings; default 300
  --kinds LIST          of ${KINDS.join(", ")};
                        default ${KINDS_DEFAULT.join(",")}
  --reuse-ids           insert new documents after deletions (docs/differences.md)
  --nodes 3 --rf 2 --groups 1 --shards 16
  --down D              so many nodes are killed before the requests; default 0
  --keep-going          do not stop at the first different answer
  --show V              how many differences the report shows; default 20

MIROIR_TEST_ENGINE=devnode runs it on development nodes.`;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    documents: { type: "string" },
    settings: { type: "string" },
    requests: { type: "string" },
    index: { type: "string" },
    "primary-key": { type: "string", default: "id" },
    generate: { type: "string" },
    seed: { type: "string", default: "1" },
    "settings-count": { type: "string", default: "20" },
    only: { type: "string" },
    "documents-count": { type: "string", default: "300" },
    kinds: { type: "string", default: KINDS_DEFAULT.join(",") },
    "reuse-ids": { type: "boolean", default: false },
    nodes: { type: "string", default: "3" },
    rf: { type: "string", default: "2" },
    groups: { type: "string", default: "1" },
    shards: { type: "string", default: "16" },
    down: { type: "string", default: "0" },
    "keep-going": { type: "boolean", default: false },
    show: { type: "string", default: "20" },
    help: { type: "boolean", default: false },
  },
});

if (values.help || (values.generate === undefined && values.requests === undefined)) {
  console.error(HELP);
  process.exit(values.help ? 0 : 2);
}

const log = (line: string): void => console.error(line);
const world = await startWorld({
  nodes: whole("nodes", values.nodes),
  replicationFactor: whole("rf", values.rf),
  replicaGroups: whole("groups", values.groups),
  shards: whole("shards", values.shards),
});
let report: DifferentialReport;
try {
  report = values.generate === undefined ? await runFiles(world) : await runSeed(world, values.generate);
} finally {
  await world.stop();
}
console.log(JSON.stringify(report));
process.exit(report.different === 0 ? 0 : 1);

async function runSeed(running: World, generate: string): Promise<DifferentialReport> {
  const kinds = readKinds(values.kinds) ?? fail(`--kinds takes names of ${KINDS.join(", ")}`);
  const seed = whole("seed", values.seed);
  const count = whole("settings-count", values["settings-count"]);
  const numbers =
    values.only === undefined
      ? Array.from({ length: count }, (_unused, number) => number)
      : [whole("only", values.only)];
  const requests = Math.ceil(whole("generate", generate) / count);
  const options = (settings: number): GeneratedRunOptions => ({
    seed,
    settings,
    documents: whole("documents-count", values["documents-count"]),
    requests,
    kinds,
    keepGoing: values["keep-going"],
    reuseIds: values["reuse-ids"],
  });
  const down = whole("down", values.down);
  const loaded = new Map<number, LoadedIndex>();
  if (down > 0) {
    // With a node down no index can be created, so all of them are there before it goes.
    for (const number of numbers) loaded.set(number, await loadGenerated(running, options(number)));
    await killNodes(running, down);
  }
  const reports: DifferentialReport[] = [];
  for (const number of numbers) {
    const index = loaded.get(number);
    const part = await (index === undefined
      ? runGenerated(running, options(number))
      : askGenerated(running, options(number), index));
    reports.push(part);
    log(`seed ${seed} settings ${number}: ${JSON.stringify(nonZero(part))}`);
    for (const { verdict, request, difference } of part.first_differences.slice(0, 3)) {
      if (verdict === "different") log(`  ${verdict}: ${JSON.stringify(request)}\n    ${difference}`);
    }
    if (part.different > 0 && !values["keep-going"]) break;
  }
  return addReports(reports, whole("show", values.show));
}

async function runFiles(running: World): Promise<DifferentialReport> {
  const requests = readRequests(readFileSync(values.requests as string, "utf8"));
  const uid = values.index ?? requests.map(indexOf).find((found) => found !== undefined) ?? "corpus";
  const faults = await load(running, setup(uid));
  for (const fault of faults) log(`a write ended differently: ${fault}`);
  await killNodes(running, whole("down", values.down));
  return runDifferential(running, requests, {
    keepGoing: values["keep-going"],
    differencesMax: whole("show", values.show),
    onDone: (done) => {
      if (done % 500 === 0) log(`${done} of ${requests.length}`);
    },
  });
}

function setup(uid: string): DifferentialRequest[] {
  const writes: DifferentialRequest[] = [
    { method: "POST", path: "/indexes", body: { uid, primaryKey: values["primary-key"] } },
  ];
  if (values.settings !== undefined) {
    writes.push({ method: "PATCH", path: `/indexes/${uid}/settings`, body: readFileSync(values.settings, "utf8") });
  }
  if (values.documents !== undefined) {
    const body = readFileSync(values.documents, "utf8");
    const type = body.trimStart().startsWith("[") ? "application/json" : "application/x-ndjson";
    writes.push({ method: "POST", path: `/indexes/${uid}/documents`, body, headers: { "content-type": type } });
  }
  return writes;
}

function nonZero(report_: DifferentialReport): Record<string, unknown> {
  return Object.fromEntries(Object.entries(report_).filter(([, value]) => typeof value === "number" && value > 0));
}

function whole(name: string, text: string): number {
  return /^\d+$/.test(text) ? Number(text) : fail(`--${name} takes a whole number`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
