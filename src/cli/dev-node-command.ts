/** `miroir dev-node`: one development node in a process of its own, so that the demo and the tests can kill it. */
import { command } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { print, printError } from "./print.ts";

export const devNodeCommand = command({
  help: {
    details: ["A stand-in for Meilisearch with its API and a small engine. It is no place for data that matters."],
    examples: [{ line: "miroir dev-node --port 7701 --master-key 0123456789abcdef", does: "Run one on port 7701." }],
    exitCodes: [EXIT.ok],
  },
  args: {
    port: { type: "string", valueHint: "port", required: true, description: "TCP port" },
    hostname: { type: "string", valueHint: "address", default: "127.0.0.1", description: "Address to listen on" },
    "master-key": { type: "string", valueHint: "key", default: "", description: "Master key; empty for none" },
    "data-dir": { type: "string", valueHint: "directory", description: "Where data is kept; in memory without it" },
  },
  async run({ args }): Promise<ExitCode> {
    const port = Number(args.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      printError("miroir dev-node: --port must be a port from 0 to 65535.");
      return EXIT.usage;
    }
    const { startDevNode } = await import("../devnode/dev-node.ts");
    const node = await startDevNode({
      port,
      hostname: args.hostname,
      ...(args["master-key"] === "" ? {} : { masterKey: args["master-key"] }),
      ...(args["data-dir"] === undefined ? {} : { dataDir: args["data-dir"] }),
    });
    print(`A development node listens on ${node.url}.`);
    // It runs until a signal ends the process.
    return new Promise<never>(() => {});
  },
});
