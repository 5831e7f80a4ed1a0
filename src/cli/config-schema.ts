/** `miroir config schema`: the JSON Schema of the file. */
import { jsonSchema } from "../config/describe.ts";
import { command } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { printJson } from "./print.ts";

export const configSchemaCommand = command({
  help: {
    details: ["Prints the JSON Schema (draft 2020-12) of the configuration file. Editors complete and check with it."],
    examples: [
      {
        line: "miroir config schema > miroir.schema.json",
        does: "Then begin the file with `# yaml-language-server: $schema=miroir.schema.json`.",
      },
    ],
    exitCodes: [EXIT.ok],
  },
  args: {},
  run() {
    printJson(jsonSchema());
    return EXIT.ok;
  },
});
