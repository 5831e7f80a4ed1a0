/**
 * The process. It may have to start itself anew before it does anything (see `raise-fetch-limit.ts`), so that this file
 * loads next to nothing: the program is another entry of the executable, loaded once instead of twice.
 */
import { printError } from "./cli/print.ts";
import { restartForFetchLimit } from "./cli/raise-fetch-limit.ts";

const restart = restartForFetchLimit();
if (restart !== null) {
  try {
    process.execve?.(restart.file, [...restart.args], restart.environment);
  } catch (error) {
    printError(`warning: the limit of outgoing requests stays at 256: ${String(error)}`);
  }
}
// As a URL the bundler leaves it alone; written out it would become part of this file.
await import(new URL("./program.ts", import.meta.url).href);
