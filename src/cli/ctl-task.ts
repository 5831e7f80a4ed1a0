/** `miroir ctl task list` and `miroir ctl task get`. */
import { isRecord } from "../config/parse-file.ts";
import { command } from "./command.ts";
import { askRouter, CTL_EXIT_CODES, ctlArguments, KEY_PARAGRAPH, unexpected } from "./ctl-arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printJson, printTable } from "./print.ts";

export const taskListCommand = command({
  help: {
    details: ["Lists tasks, newest first. Further filters are those of `GET /tasks`.", KEY_PARAGRAPH],
    examples: [
      { line: "miroir ctl task list --status failed", does: "What went wrong lately." },
      { line: "miroir ctl task list --index films --limit 5 --json", does: "The last five of an index." },
    ],
    exitCodes: CTL_EXIT_CODES,
  },
  args: {
    ...ctlArguments,
    limit: { type: "string", valueHint: "count", default: "20", description: "Number of tasks" },
    from: { type: "string", valueHint: "uid", description: "Begin with this task" },
    status: {
      type: "string",
      valueHint: "status",
      description: "enqueued, processing, succeeded, failed, canceled; several with commas",
    },
    index: { type: "string", valueHint: "uid", description: "Tasks of these indexes; several with commas" },
    type: { type: "string", valueHint: "type", description: "Tasks of these types; several with commas" },
  },
  async run({ args }) {
    const query = new URLSearchParams({ limit: args.limit });
    if (args.from !== undefined) query.set("from", args.from);
    if (args.status !== undefined) query.set("statuses", args.status);
    if (args.index !== undefined) query.set("indexUids", args.index);
    if (args.type !== undefined) query.set("types", args.type);
    const path = `/_miroir/tasks?${query.toString()}`;
    const answer = await askRouter(args, path);
    if (!answer.ok) return answer.code;
    const results = isRecord(answer.body) ? answer.body["results"] : null;
    if (!Array.isArray(results) || !results.every(isRecord)) return unexpected(path);
    if (args.json === true) printJson(answer.body);
    else if (results.length === 0) print("No task.");
    else printTable(["uid", "status", "type", "index", "enqueued", "duration", "error"], results.map(taskRow));
    return EXIT.ok;
  },
});

export const taskGetCommand = command({
  help: {
    details: ["Shows one task with its details and, if it failed, the error of every node.", KEY_PARAGRAPH],
    examples: [
      { line: "miroir ctl task get 42", does: "By its number." },
      { line: "miroir ctl task get mtask-0198c1de-… --json", does: "By its Miroir id." },
    ],
    exitCodes: CTL_EXIT_CODES,
  },
  args: { uid: { type: "positional", required: true, description: "The task's number or Miroir id" }, ...ctlArguments },
  async run({ args }) {
    const path = `/_miroir/tasks/${encodeURIComponent(args.uid)}`;
    const answer = await askRouter(args, path);
    if (!answer.ok) return answer.code;
    if (!isRecord(answer.body)) return unexpected(path);
    if (args.json === true) printJson(answer.body);
    else
      printTable(
        ["field", "value"],
        Object.entries(answer.body).map(([name, value]) => [name, cell(value)]),
      );
    return EXIT.ok;
  },
});

export function taskRow(task: Record<string, unknown>): string[] {
  const uid = task["uid"] ?? task["taskUid"];
  const error = isRecord(task["error"]) ? cell(task["error"]["message"]) : "";
  const { status, type, indexUid, enqueuedAt, duration } = task;
  return [...[uid, status, type, indexUid, enqueuedAt, duration].map(cell), error];
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}
