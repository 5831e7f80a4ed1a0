/** `miroir ctl settings status`, `repair` and `unfreeze`. */
import { isRecord } from "../config/parse-file.ts";
import { command } from "./command.ts";
import { askRouter, CTL_EXIT_CODES, ctlArguments, KEY_PARAGRAPH, unexpected } from "./ctl-arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printJson, printTable } from "./print.ts";

const REPAIR_TIMEOUT_MS = 120_000;
const HASH_SHOWN = 12;

const indexArgument = { type: "positional", required: true, description: "The index" } as const;

export const settingsStatusCommand = command({
  help: {
    details: [
      "Reads the settings of every index from every node now, and compares them with what the catalog says. Ends with 0 only if all nodes have what is meant.",
      "`version` is the newest settings version that the node has been proven to have; `hash` is that of all its settings of the index, the same on all nodes when they agree.",
      KEY_PARAGRAPH,
    ],
    examples: [
      { line: "miroir ctl settings status", does: "Every index on every node." },
      { line: "miroir ctl settings status --index films --json", does: "One index, for a script." },
    ],
    exitCodes: [...CTL_EXIT_CODES, EXIT.findings],
  },
  args: { ...ctlArguments, index: { type: "string", valueHint: "uid", description: "Only this index" } },
  async run({ args }) {
    const query = args.index === undefined ? "" : `?index=${encodeURIComponent(args.index)}`;
    const path = `/_miroir/settings${query}`;
    const answer = await askRouter(args, path, { timeoutMs: REPAIR_TIMEOUT_MS });
    if (!answer.ok) return answer.code;
    const reports = isRecord(answer.body) ? reportsFrom(answer.body["results"]) : null;
    if (reports === null) return unexpected(path);
    if (args.json === true) printJson(answer.body);
    else printReports(reports);
    return reports.every(({ in_sync: inSync, frozen }) => inSync && frozen === null) ? EXIT.ok : EXIT.findings;
  },
});

export const settingsRepairCommand = command({
  help: {
    details: [
      "Gives the catalog's settings of an index to the nodes that show others, waits for them, and looks again. Writes that were refused because the nodes differed are taken again when they agree.",
      KEY_PARAGRAPH,
    ],
    examples: [{ line: "miroir ctl settings repair films", does: "After `status` has named a node." }],
    exitCodes: [...CTL_EXIT_CODES, EXIT.findings],
  },
  args: { index: indexArgument, ...ctlArguments },
  async run({ args }) {
    const path = `/_miroir/settings/${encodeURIComponent(args.index)}/repair`;
    const answer = await askRouter(args, path, { method: "POST", timeoutMs: REPAIR_TIMEOUT_MS });
    if (!answer.ok) return answer.code;
    const reports = isRecord(answer.body) ? reportsFrom([answer.body["report"]]) : null;
    const outcome = isRecord(answer.body) ? answer.body["outcome"] : null;
    if (reports === null || typeof outcome !== "string") return unexpected(path);
    if (args.json === true) printJson(answer.body);
    else {
      printReports(reports);
      print(`\n${OUTCOMES[outcome] ?? outcome}`);
    }
    return outcome === "in_sync" || outcome === "repaired" ? EXIT.ok : EXIT.findings;
  },
});

export const settingsUnfreezeCommand = command({
  help: {
    details: [
      "Takes writes to an index again although its nodes could not be brought to the same settings. What is written meanwhile is indexed differently on each node until the settings agree; prefer `miroir ctl settings repair`.",
      KEY_PARAGRAPH,
    ],
    examples: [{ line: "miroir ctl settings unfreeze films", does: "When writes matter more than equal ranking." }],
    exitCodes: CTL_EXIT_CODES,
  },
  args: { index: indexArgument, ...ctlArguments },
  async run({ args }) {
    const path = `/_miroir/settings/${encodeURIComponent(args.index)}/unfreeze`;
    const answer = await askRouter(args, path, { method: "POST" });
    if (!answer.ok) return answer.code;
    if (args.json === true) printJson(answer.body);
    else print(`Writes to ${args.index} are taken.`);
    return EXIT.ok;
  },
});

const OUTCOMES: Readonly<Record<string, string>> = {
  in_sync: "All nodes have what is meant.",
  repaired: "The nodes that differed have been put right.",
  unrepaired: "Some nodes still differ. Look at their own tasks and logs.",
  incomplete:
    "The nodes that answer have what is meant. Others could not be looked at: run it again when they are back.",
  changing: "A settings change is under way; it decides by itself. Try again when its task has ended.",
};

interface ReportAnswer {
  readonly index: string;
  readonly settings_version: number;
  readonly in_sync: boolean;
  readonly changing: boolean;
  readonly frozen: string | null;
  readonly nodes: readonly {
    readonly node: string;
    readonly version: number | null;
    readonly hash: string | null;
    readonly in_sync: boolean;
    readonly differs: readonly string[];
  }[];
}

/** null where it is not a list of reports. */
export function reportsFrom(value: unknown): readonly ReportAnswer[] | null {
  if (!Array.isArray(value)) return null;
  const isReport = (one: unknown): boolean =>
    isRecord(one) && typeof one["index"] === "string" && isNodeList(one["nodes"]);
  return value.every(isReport) ? (value as ReportAnswer[]) : null;
}

function isNodeList(value: unknown): boolean {
  return Array.isArray(value) && value.every((node) => isRecord(node) && Array.isArray(node["differs"]));
}

function printReports(reports: readonly ReportAnswer[]): void {
  if (reports.length === 0) return print("No index.");
  printTable(["index", "node", "version", "hash", "settings"], reports.flatMap(reportRows));
  for (const { index, changing, frozen } of reports) {
    if (frozen !== null) print(`\nWrites to ${index} are refused: ${frozen}`);
    if (changing) print(`\nA settings change of ${index} is under way.`);
  }
}

export function reportRows(report: ReportAnswer): string[][] {
  return report.nodes.map((node) => [
    report.index,
    node.node,
    `${node.version ?? "?"} of ${report.settings_version}`,
    node.hash?.slice(0, HASH_SHOWN) ?? "no answer",
    node.in_sync ? "as meant" : node.differs.length === 0 ? "?" : `differ: ${node.differs.join(", ")}`,
  ]);
}
