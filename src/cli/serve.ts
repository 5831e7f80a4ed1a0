/** `miroir serve`: runs the router until it is told to stop. */
import { version } from "../version.ts";
import { command } from "./command.ts";
import { configArguments, laterKeyText, loadFromCommandLine, reportRefused } from "./config-arguments.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

export const serveCommand = command({
  help: {
    details: [
      "Reads the configuration (defaults, then the file, then the environment, then these options), opens the store, listens for clients, and routes until SIGTERM or SIGINT; then it stops accepting, finishes what runs and ends with 0.",
      "The log goes to standard output, one line an event. A configuration that is wrong is reported on standard error, every problem with its place, and nothing is started.",
    ],
    examples: [
      { line: "miroir serve --config /etc/miroir/miroir.yaml", does: "Run with a configuration file." },
      {
        line: "miroir serve -c miroir.yaml --port 7800 --log-level debug --set scatter.node_timeout_ms=2000",
        does: "The same with three values set for this run.",
      },
    ],
    exitCodes: [EXIT.ok, EXIT.failed, EXIT.configuration],
  },
  args: configArguments,
  async run({ rawArgs }) {
    const result = loadFromCommandLine(rawArgs, { mustWrite: true });
    if (!result.ok) return reportRefused(result);
    const changed = result.notInThisVersion.filter((key) => key.changed);
    const warnings = [...result.warnings, ...changed.map(laterKeyText)];
    const { runServer } = await import("../server/run-server.ts");
    return (await runServer(result.config, { version, warnings })) as ExitCode;
  },
});
