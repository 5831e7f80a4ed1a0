/**
 * The long run of real processes under faults: `bun run chaos --count 100000` for two copies in one group and for two
 * groups. Prints one line of JSON for each run; the exit code is 1 when a promise was broken.
 */
import { parseArgs } from "node:util";
import type { ChaosFault } from "../tests/support/chaos-faults.ts";
import { runChaos } from "../tests/support/chaos-run.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    layout: { type: "string", default: "copies,groups" },
    faults: { type: "string", default: "line,line,line,node_killed,node_stopped,router_killed" },
    batch: { type: "string", default: "100" },
    pause: { type: "string", default: "4000" },
    engine: { type: "string" },
  },
});

const LAYOUTS: Readonly<Record<string, { nodes: number; replicationFactor?: number; replicaGroups?: number }>> = {
  copies: { nodes: 3, replicationFactor: 2 },
  groups: { nodes: 2, replicaGroups: 2 },
};

for (const name of values.layout.split(",")) {
  const layout = LAYOUTS[name];
  if (layout === undefined) throw new TypeError(`there is no layout ${name}: ${Object.keys(LAYOUTS).join(", ")}`);
  const report = await runChaos({
    seed: Number(values.seed),
    count: Number(values.count),
    batch: Number(values.batch),
    pauseMs: Number(values.pause),
    kinds: values.faults.split(",") as ChaosFault[],
    note: (text) => console.error(text),
    ...layout,
    ...(values.engine === "devnode" ? { kind: "devnode" as const } : {}),
  });
  console.log(JSON.stringify({ layout: name, ...report }));
  if (report.violations.length > 0) process.exitCode = 1;
}
process.exit();
