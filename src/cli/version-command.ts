/** `miroir version`. */
import { commit, version } from "../version.ts";
import { command } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printJson } from "./print.ts";

export const versionCommand = command({
  help: {
    details: [],
    examples: [
      { line: "miroir version", does: "Print the version alone." },
      { line: "miroir version --json", does: "With the commit, the runtime and the platform." },
    ],
    exitCodes: [EXIT.ok],
  },
  args: { json: { type: "boolean", description: "Print build information in JSON" } },
  run({ args }) {
    if (args.json !== true) {
      print(version);
      return EXIT.ok;
    }
    printJson({
      version,
      commit: commit === "" ? null : commit,
      runtime: `bun ${Bun.version}`,
      platform: process.platform,
      architecture: process.arch,
    });
    return EXIT.ok;
  },
});
