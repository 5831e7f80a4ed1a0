/** `miroir config check`: everything that is wrong, and everything that has no effect yet. */
import { whyNotWritable } from "../config/read-sources.ts";
import { sourceText } from "../config/source.ts";
import { laterFeatures } from "../config/this-version.ts";
import { command } from "./command.ts";
import { configArguments, laterKeyText, loadFromCommandLine, reportRefused } from "./config-arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printJson } from "./print.ts";

export const configCheckCommand = command({
  help: {
    details: [
      "Judges the configuration as serve would, without starting anything: form, types, limits, unknown keys, and the rules between keys. All problems are listed at once, each with file, line and column, environment variable or option.",
      "Keys of features that this version does not have yet are accepted and named, because they have no effect.",
    ],
    examples: [
      { line: "miroir config check --config miroir.yaml", does: "Check a file before it is deployed." },
      { line: "miroir config check -c miroir.yaml --json", does: "The same for a script." },
    ],
    exitCodes: [EXIT.ok, EXIT.configuration],
  },
  args: { ...configArguments, json: { type: "boolean", description: "Answer in JSON" } },
  run({ args, rawArgs }) {
    const result = loadFromCommandLine(rawArgs, { mustWrite: false });
    if (!result.ok) {
      if (args.json !== true) return reportRefused(result);
      const problems = result.problems.map(({ path, message, source }) => ({ path, message, source }));
      printJson({ valid: false, problems, warnings: result.warnings });
      return EXIT.configuration;
    }
    const { backend, path } = result.config.task_store;
    const reason = backend === "sqlite" ? whyNotWritable(path) : null;
    const here = reason === null ? [] : [`task_store.path: this user cannot write the store (${reason}); serve must.`];
    const warnings = [...result.warnings, ...here];
    const set = result.notInThisVersion;
    if (args.json === true) {
      printJson({
        valid: true,
        warnings,
        not_in_this_version: {
          set: set.map((key) => ({ path: key.path, source: key.source, changed: key.changed })),
          features: laterFeatures(),
        },
      });
      return EXIT.ok;
    }
    const file = result.sourceOf(["nodes"]);
    print(`The configuration is valid${file.kind === "default" ? "" : ` (nodes from ${sourceText(file)})`}.`);
    for (const warning of warnings) print(`warning: ${warning}`);
    for (const key of set) print(`not in this version: ${laterKeyText(key)}`);
    print(`Features that this version does not have yet, whatever their keys say: ${laterFeatures().join(", ")}.`);
    return EXIT.ok;
  },
});
