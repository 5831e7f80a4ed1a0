/** The process: arguments in, exit code out. Everything else is loaded when a command needs it. */
import { finishOutput, printError } from "./cli/print.ts";
import { restartForFetchLimit } from "./cli/raise-fetch-limit.ts";
import { runCommandLine } from "./cli/run-command-line.ts";

const restart = restartForFetchLimit();
if (restart !== null) {
  try {
    process.execve?.(restart.file, [...restart.args], restart.environment);
  } catch (error) {
    printError(`warning: the limit of outgoing requests stays at 256: ${String(error)}`);
  }
}

const code = await runCommandLine(process.argv.slice(2));
await finishOutput();
process.exit(code);
