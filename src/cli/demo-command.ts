/** `miroir demo`: the words of the command; the tour itself is in `demo.ts`. */
import { command } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { printError } from "./print.ts";

export const demoCommand = command({
  help: {
    details: [
      "Starts nodes and a router on this machine, loads sample documents, searches with facets, kills a node, and repeats the search. It says what it does, prints the addresses, and keeps running until Ctrl-C.",
      "Real nodes are used when a meilisearch executable is on PATH or named by MEILISEARCH_BIN, otherwise the built-in development nodes. Everything is kept in a temporary directory and removed at the end.",
    ],
    examples: [
      { line: "miroir demo", does: "Take the tour and keep everything running." },
      { line: "miroir demo --once", does: "Take the tour and end; exit code 0 if the answers stayed the same." },
    ],
    exitCodes: [EXIT.ok, EXIT.failed],
  },
  args: {
    once: { type: "boolean", description: "End after the tour" },
    nodes: { type: "string", valueHint: "count", default: "3", description: "Number of nodes, from 2 to 9" },
    port: { type: "string", valueHint: "port", default: "7700", description: "Port of the router" },
  },
  async run({ args }) {
    const nodes = Number(args.nodes);
    const port = Number(args.port);
    if (!Number.isInteger(nodes) || nodes < 2 || nodes > 9)
      return refuse("--nodes must be a whole number from 2 to 9.");
    if (!Number.isInteger(port) || port < 1 || port > 65535) return refuse("--port must be a port from 1 to 65535.");
    const { runDemo } = await import("./demo.ts");
    return (await runDemo({ once: args.once === true, nodes, port })) as ExitCode;
  },
});

function refuse(message: string): ExitCode {
  printError(`miroir demo: ${message}`);
  return EXIT.usage;
}
