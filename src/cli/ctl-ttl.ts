/** `miroir ctl ttl show` and `set`: how the expired documents of an index are swept. */
import { isRecord } from "../config/parse-file.ts";
import { command } from "./command.ts";
import { askRouter, CTL_EXIT_CODES, ctlArguments, KEY_PARAGRAPH, unexpected } from "./ctl-arguments.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { print, printError, printJson } from "./print.ts";

const indexArgument = { type: "positional", required: true, description: "The index" } as const;

export const ttlShowCommand = command({
  help: {
    details: [
      "Shows how often the expired documents of an index are deleted, and how many at once, on this and on all other routers.",
      KEY_PARAGRAPH,
    ],
    examples: [{ line: "miroir ctl ttl show logs", does: "One index." }],
    exitCodes: CTL_EXIT_CODES,
  },
  args: { index: indexArgument, ...ctlArguments },
  async run({ args }) {
    const path = pathOf(args.index);
    const answer = await askRouter(args, path);
    return answer.ok ? show(answer.body, args.json === true, path) : answer.code;
  },
});

export const ttlSetCommand = command({
  help: {
    details: [
      "Changes that for one index, on all routers and for good. `default` takes a number back, so that the configuration counts again (`ttl.per_index_overrides`, then `ttl`).",
      KEY_PARAGRAPH,
    ],
    examples: [
      { line: "miroir ctl ttl set logs --sweep-interval 60", does: "Sweep every minute." },
      { line: "miroir ctl ttl set logs --max-deletes default", does: "As many at once as configured." },
    ],
    exitCodes: [...CTL_EXIT_CODES, EXIT.usage],
  },
  args: {
    index: indexArgument,
    "sweep-interval": { type: "string", valueHint: "seconds", description: "Time between two sweeps, or `default`" },
    "max-deletes": { type: "string", valueHint: "n", description: "Most documents deleted by one sweep, or `default`" },
    ...ctlArguments,
  },
  async run({ args }) {
    const given = [
      ["sweep_interval_s", args["sweep-interval"]],
      ["max_deletes_per_sweep", args["max-deletes"]],
    ].filter(([, value]) => value !== undefined);
    const values = given.map(([name, value]) => [name, value === "default" ? null : Number(value)] as const);
    const isWrong = values.some(([, value]) => value !== null && !(Number.isSafeInteger(value) && value >= 1));
    if (values.length === 0 || isWrong) {
      printError("Name --sweep-interval, --max-deletes or both: a whole number of at least 1, or `default`.");
      return EXIT.usage;
    }
    const path = pathOf(args.index);
    const answer = await askRouter(args, path, { method: "POST", body: Object.fromEntries(values) });
    return answer.ok ? show(answer.body, args.json === true, path) : answer.code;
  },
});

function pathOf(index: string): string {
  return `/_miroir/indexes/${encodeURIComponent(index)}/ttl-policy`;
}

function show(body: unknown, asJson: boolean, path: string): ExitCode {
  if (!isRecord(body) || typeof body["sweep_interval_s"] !== "number") return unexpected(path);
  if (asJson) printJson(body);
  else if (body["enabled"] !== true) print("Documents do not expire: `ttl.enabled` is off.");
  else {
    const { index, sweep_interval_s: seconds, max_deletes_per_sweep: most } = body;
    print(`${String(index)} is swept every ${seconds} s, at most ${String(most)} documents at once.`);
  }
  return EXIT.ok;
}
