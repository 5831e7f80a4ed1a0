/** `miroir ctl shards`: who owns what. */
import { isRecord } from "../config/parse-file.ts";
import { command } from "./command.ts";
import { askRouter, CTL_EXIT_CODES, ctlArguments, KEY_PARAGRAPH, unexpected } from "./ctl-arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { printJson, printTable } from "./print.ts";

export const shardsCommand = command({
  help: {
    details: ["Shows the owners of every shard in each replica group.", KEY_PARAGRAPH],
    examples: [
      { line: "miroir ctl shards", does: "For the number of shards that new indexes get." },
      { line: "miroir ctl shards --index films", does: "For one index, which may have another number." },
    ],
    exitCodes: CTL_EXIT_CODES,
  },
  args: {
    ...ctlArguments,
    index: { type: "string", valueHint: "uid", description: "An index with its own number of shards" },
  },
  async run({ args }) {
    const query = args.index === undefined ? "" : `?index=${encodeURIComponent(args.index)}`;
    const path = `/_miroir/shards${query}`;
    const answer = await askRouter(args, path);
    if (!answer.ok) return answer.code;
    const rows = shardRows(answer.body);
    if (rows === null) return unexpected(path);
    if (args.json === true) printJson(answer.body);
    else printTable(["shard", ...groupHeaders(rows)], rows);
    return EXIT.ok;
  },
});

/** `{shards: [{shard, groups: [[node, …], …]}]}` as rows; null where the answer is not that. */
export function shardRows(body: unknown): string[][] | null {
  if (!isRecord(body) || !Array.isArray(body["shards"])) return null;
  const rows: string[][] = [];
  for (const entry of body["shards"] as unknown[]) {
    if (!isRecord(entry) || !Array.isArray(entry["groups"])) return null;
    const groups = entry["groups"].map((owners: unknown) =>
      Array.isArray(owners) ? owners.join(", ") : String(owners),
    );
    rows.push([String(entry["shard"]), ...groups]);
  }
  return rows;
}

function groupHeaders(rows: readonly string[][]): string[] {
  return Array.from({ length: Math.max(0, (rows[0]?.length ?? 1) - 1) }, (_, group) => `group ${group}`);
}
