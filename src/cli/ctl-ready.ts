/** `miroir ctl ready`: for health checks of containers and load balancers. */
import { ask } from "./admin-client.ts";
import { command } from "./command.ts";
import { ctlArguments, routerUrl, unreachable } from "./ctl-arguments.ts";
import { reasonIn } from "./ctl-status.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printError, printJson } from "./print.ts";

const READY_TIMEOUT_MS = 3_000;

export const readyCommand = command({
  help: {
    details: [
      "Asks `GET /_miroir/ready`, which needs no key: 0 once the configuration is loaded, the store is open and every shard has a reachable owner.",
    ],
    examples: [{ line: "miroir ctl ready --url http://127.0.0.1:7700", does: "As the health check of a container." }],
    exitCodes: [EXIT.ok, EXIT.unreachable, EXIT.notReady],
  },
  args: { url: ctlArguments.url, json: ctlArguments.json },
  async run({ args }) {
    const base = routerUrl(args);
    const ready = await ask(`${base}/_miroir/ready`, { timeoutMs: READY_TIMEOUT_MS });
    if (ready.kind === "unreachable") return unreachable(base, ready.reason).code;
    const isReady = ready.status === 200;
    const reason = isReady ? null : reasonIn(ready.body);
    if (args.json === true) printJson({ ready: isReady, reason });
    else if (isReady) print("ready");
    else printError(`not ready: ${reason}`);
    return isReady ? EXIT.ok : EXIT.notReady;
  },
});
