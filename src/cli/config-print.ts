/** `miroir config print`: the values in effect and where each comes from. */
import { printedConfig } from "../config/describe.ts";
import { command } from "./command.ts";
import { configArguments, loadFromCommandLine, reportRefused } from "./config-arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { print } from "./print.ts";

export const configPrintCommand = command({
  help: {
    details: [
      "Prints the complete configuration as serve would see it, in the form of the file. Secrets are masked. Behind every value that is not at its default stands where it was set.",
      "If something is wrong, the values are printed nevertheless (what could not be read at its default), the problems go to standard error and the exit code is 3.",
    ],
    examples: [
      { line: "miroir config print --config miroir.yaml", does: "Show what is in effect." },
      { line: "miroir config print --json | jq .miroir.server", does: "The defaults of a section." },
    ],
    exitCodes: [EXIT.ok, EXIT.configuration],
  },
  args: { ...configArguments, json: { type: "boolean", description: "Print JSON" } },
  run({ args, rawArgs }) {
    const result = loadFromCommandLine(rawArgs, { mustWrite: false });
    const { config, sourceOf } = result;
    print(printedConfig(config, args.json === true ? { format: "json" } : { format: "yaml", sourceOf }));
    return result.ok ? EXIT.ok : reportRefused(result);
  },
});
