/** `miroir ctl index list`: the catalog. */
import { isRecord } from "../config/parse-file.ts";
import { command } from "./command.ts";
import { askRouter, CTL_EXIT_CODES, ctlArguments, KEY_PARAGRAPH, unexpected } from "./ctl-arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printJson, printTable } from "./print.ts";

const PATH = "/_miroir/indexes";

export const indexListCommand = command({
  help: {
    details: [
      "Lists every index with its primary key, shard count, state and settings version, and says where writes are refused.",
      KEY_PARAGRAPH,
    ],
    examples: [{ line: "miroir ctl index list", does: "As a table." }],
    exitCodes: CTL_EXIT_CODES,
  },
  args: ctlArguments,
  async run({ args }) {
    const answer = await askRouter(args, PATH);
    if (!answer.ok) return answer.code;
    const rows = indexRows(answer.body);
    if (rows === null) return unexpected(PATH);
    if (args.json === true) printJson(answer.body);
    else if (rows.length === 0) print("No index.");
    else printTable(["index", "primary key", "shards", "state", "settings", "writes"], rows);
    return EXIT.ok;
  },
});

/** null where the answer is not a list of indexes. */
export function indexRows(body: unknown): string[][] | null {
  const results = isRecord(body) ? body["results"] : null;
  if (!Array.isArray(results) || !results.every(isRecord)) return null;
  return results.map((index) => {
    const { uid, primary_key: key, shards, state, settings_version: version, frozen } = index;
    const writes = typeof frozen === "string" ? `refused: ${frozen}` : "taken";
    return [String(uid), typeof key === "string" ? key : "-", String(shards), String(state), String(version), writes];
  });
}
