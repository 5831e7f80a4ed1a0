/** `miroir ctl verify`: compares the copies of every shard, and with `--repair` makes them equal. */
import { isRecord } from "../config/parse-file.ts";
import { pause } from "./admin-client.ts";
import { command } from "./command.ts";
import { askRouter, CTL_EXIT_CODES, ctlArguments, KEY_PARAGRAPH, unexpected } from "./ctl-arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printJson, printTable } from "./print.ts";

const PATH = "/_miroir/verify";
const POLL_MS = 500;
const COLUMNS = [
  "index",
  "shards",
  "equal",
  "different",
  "open",
  "absent",
  "single",
  "documents",
  "differing",
  "repaired",
];

export const verifyCommand = command({
  help: {
    details: [
      "Compares the copies of every shard on all nodes that hold it. Ends with 0 only if everything that could be compared is equal.",
      "`different`: shards whose copies are not equal. `open`: something is left, look again. `absent`: a node could not be compared. `single`: there is one copy only. `differing`: documents of which copies were not equal.",
      "`--accept-loss NODE` lets a node that has lost its disk serve without the documents of which there is no other copy.",
      KEY_PARAGRAPH,
    ],
    examples: [
      { line: "miroir ctl verify", does: "Reports, and changes nothing." },
      { line: "miroir ctl verify --index films --repair", does: "Makes the copies of one index equal." },
    ],
    exitCodes: [...CTL_EXIT_CODES, EXIT.findings],
  },
  args: {
    ...ctlArguments,
    index: { type: "string", valueHint: "uid", description: "Only this index" },
    repair: { type: "boolean", description: "Make equal what differs" },
    "accept-loss": { type: "string", valueHint: "node", description: "Give up what this node alone had" },
  },
  async run({ args }) {
    const body = {
      repair: args.repair === true,
      ...(args.index === undefined ? {} : { index: args.index }),
      ...(args["accept-loss"] === undefined ? {} : { accept_loss: args["accept-loss"] }),
    };
    let answer = await askRouter(args, PATH, { method: "POST", body });
    while (answer.ok && isRecord(answer.body) && answer.body["state"] === "running") {
      await pause(POLL_MS);
      answer = await askRouter(args, PATH);
    }
    if (!answer.ok) return answer.code;
    const rows = verifyRows(answer.body);
    if (rows === null) return unexpected(PATH);
    if (args.json === true) printJson(answer.body);
    else if (rows.length === 0) print("No index.");
    else printTable(COLUMNS, rows);
    const isFinished = isRecord(answer.body) && answer.body["state"] === "finished";
    const isWell = rows.every((row) => row[3] === "0" && row[4] === "0" && row[5] === "0");
    return isFinished && isWell ? EXIT.ok : EXIT.findings;
  },
});

/** null where the answer is not that of a comparison. */
export function verifyRows(body: unknown): string[][] | null {
  if (!isRecord(body) || !Array.isArray(body["indexes"])) return null;
  const rows: string[][] = [];
  for (const entry of body["indexes"] as unknown[]) {
    if (!isRecord(entry)) return null;
    rows.push(COLUMNS.map((column) => cell(entry[column])));
  }
  return rows;
}

function cell(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
