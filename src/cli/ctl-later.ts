/** Commands of `miroir ctl` that a later version brings. Each answers so, and says what can be done today. */
import type { Command, CommandEntry } from "./command.ts";
import { EXIT } from "./exit-codes.ts";

interface Later {
  readonly name: string;
  readonly summary: string;
  /** What works in this version, as the end of a sentence. */
  readonly today: string;
}

const FEATURE_ABSENT = "the feature itself is not in this version";

const later: readonly Later[] = [
  {
    name: "node",
    summary: "Add, drain and remove nodes",
    today: "change `nodes` in the configuration file and restart the router; documents are not moved by that",
  },
  { name: "rebalance", summary: "Move shards to where they belong", today: FEATURE_ABSENT },
  {
    name: "reshard",
    summary: "Change the number of shards of an index",
    today: "create an index with the wanted `shards` and send the documents again",
  },
  { name: "dump", summary: "Import a dump", today: "send the documents through the API" },
  { name: "alias", summary: "Manage aliases", today: FEATURE_ABSENT },
  { name: "canary", summary: "Manage golden queries", today: FEATURE_ABSENT },
  { name: "cdc", summary: "Watch the change stream", today: FEATURE_ABSENT },
  { name: "shadow", summary: "Show differences seen by shadow traffic", today: FEATURE_ABSENT },
  { name: "ui", summary: "Configure the search pages", today: FEATURE_ABSENT },
  { name: "tenant", summary: "Assign tenants to replica groups", today: FEATURE_ABSENT },
  { name: "explain", summary: "Show the plan of a search", today: FEATURE_ABSENT },
  { name: "key", summary: "Manage API keys", today: "use the API: `GET /keys`, `POST /keys`, `DELETE /keys/{uid}`" },
  { name: "top", summary: "Watch the router at work", today: "read `GET /metrics` on the metrics port" },
];

export const laterCommands: readonly CommandEntry[] = later.map((one) => ({
  name: one.name,
  summary: `${one.summary} (later version)`,
  load: () => laterCommand(one),
}));

async function laterCommand({ name, today }: Later): Promise<Command> {
  const [{ command }, { printError }] = await Promise.all([import("./command.ts"), import("./print.ts")]);
  return command({
    help: { details: [`Not in this version. For now: ${today}.`], examples: [], exitCodes: [EXIT.laterVersion] },
    anyWords: true,
    args: {},
    run() {
      printError(`miroir ctl ${name}: a later version brings this command. For now: ${today}.`);
      return EXIT.laterVersion;
    },
  });
}
