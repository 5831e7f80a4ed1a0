/** The command line, an entry of its own: `main.ts` loads it once the process is what it has to be. */
import { finishOutput } from "./cli/print.ts";
import { runCommandLine } from "./cli/run-command-line.ts";

const code = await runCommandLine(process.argv.slice(2));
await finishOutput();
process.exit(code);
