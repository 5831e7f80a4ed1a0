/** `miroir ctl recover`: a new store from what the nodes have, after the old one is lost for good. */
import type { RecoverResult } from "../server/recover-store.ts";
import { command } from "./command.ts";
import { configArguments, loadFromCommandLine, reportRefused } from "./config-arguments.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { print, printError, printJson, printTable } from "./print.ts";

export const recoverCommand = command({
  help: {
    details: [
      "For a store that is lost for good: reads indexes, primary keys, settings and API keys from all nodes, proves the shard count of each index by the shards that its documents carry, checks that the documents lie where this configuration looks for them, and writes the catalog into the new store. Routers must be stopped; every node must be up.",
      "Nothing is written while something cannot be proven, or into a store that has a catalog. `--dry-run` only shows what would be written. What no node has kept is listed: the tasks, restrictions of `displayedAttributes`, the secrets of embedders.",
    ],
    examples: [
      { line: "miroir ctl recover --config /etc/miroir/miroir.yaml --dry-run", does: "Show what can be recovered." },
      {
        line: "miroir ctl recover -c miroir.yaml --index-shards notes=64",
        does: "Vouch for the shard count of an index with too few documents to prove it.",
      },
    ],
    exitCodes: [EXIT.ok, EXIT.failed, EXIT.configuration, EXIT.findings],
  },
  args: {
    ...configArguments,
    "dry-run": { type: "boolean", description: "Write nothing" },
    "index-shards": { type: "string", valueHint: "uid=n,…", description: "Shard counts that cannot be proven" },
    json: { type: "boolean", description: "Answer in JSON" },
  },
  async run({ args, rawArgs }) {
    const result = loadFromCommandLine(rawArgs, { mustWrite: true });
    if (!result.ok) return reportRefused(result);
    const shardsGiven = parseShards(typeof args["index-shards"] === "string" ? args["index-shards"] : "");
    if (shardsGiven === null) {
      printError("--index-shards takes uid=count pairs with commas between them, such as films=64,books=128.");
      return EXIT.usage;
    }
    const { recoverStore } = await import("../server/recover-store.ts");
    try {
      const recovered = await recoverStore(result.config, { dryRun: args["dry-run"] === true, shardsGiven });
      if (args.json === true) printJson(recovered);
      else report(recovered, args["dry-run"] === true);
      return exitCodeOf(recovered);
    } catch (error) {
      printError(error instanceof Error ? error.message : String(error));
      return EXIT.failed;
    }
  },
});

/** null where it has another form. */
export function parseShards(text: string): ReadonlyMap<string, number> | null {
  const given = new Map<string, number>();
  for (const pair of text.split(",").filter((one) => one !== "")) {
    const match = /^([A-Za-z0-9_-]+)=(\d{1,5})$/.exec(pair.trim());
    if (match === null || Number(match[2]) < 1 || Number(match[2]) > 65_536) return null;
    given.set(match[1] as string, Number(match[2]));
  }
  return given;
}

function exitCodeOf({ indexes }: RecoverResult): ExitCode {
  return indexes.every((index) => index.problems.length === 0) ? EXIT.ok : EXIT.findings;
}

function report({ indexes, notes, written }: RecoverResult, dryRun: boolean): void {
  if (indexes.length === 0) print("The nodes have no index.");
  else {
    printTable(
      ["index", "primary key", "shards", "proof", "settings set"],
      indexes.map(({ entry, proof }) => [
        entry.uid,
        entry.primaryKey ?? "-",
        String(entry.shards),
        proof.kind === "empty" ? "no documents" : `${proof.kind} by ${proof.documents} documents`,
        Object.keys(entry.settings).join(", ") || "-",
      ]),
    );
  }
  for (const { entry, notes: own } of indexes) for (const note of own) print(`note     ${entry.uid}: ${note}`);
  for (const note of notes) print(`note     ${note}`);
  for (const { entry, problems } of indexes) {
    for (const problem of problems) print(`problem  ${entry.uid}: ${problem}`);
  }
  print("");
  if (written) print(`The store has been rebuilt with ${indexes.length} indexes. Start the routers.`);
  else if (exitCodeOf({ indexes } as RecoverResult) === EXIT.findings) print("Nothing was written: see the problems.");
  else print(dryRun ? "Nothing was written (--dry-run)." : "Nothing was written.");
}
