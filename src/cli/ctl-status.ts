/** `miroir ctl status`: is the router ready, and if not, why; the fleet in a few lines. */
import { isRecord } from "../config/parse-file.ts";
import { ask } from "./admin-client.ts";
import { command } from "./command.ts";
import {
  askRouter,
  CTL_EXIT_CODES,
  ctlArguments,
  KEY_PARAGRAPH,
  routerUrl,
  unexpected,
  unreachable,
} from "./ctl-arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printJson } from "./print.ts";
import { topologyFrom, type TopologyAnswer } from "./topology-answer.ts";

export const statusCommand = command({
  help: {
    details: [
      "Asks the router whether it is ready and how its fleet is. Ends with 0 only if it is ready.",
      KEY_PARAGRAPH,
    ],
    examples: [
      { line: "miroir ctl status", does: "Ask the router on this machine." },
      { line: "miroir ctl status --url http://10.0.0.5:7700 --json", does: "Ask another one, for a script." },
    ],
    exitCodes: [...CTL_EXIT_CODES, EXIT.notReady],
  },
  args: ctlArguments,
  async run({ args }) {
    const base = routerUrl(args);
    const ready = await ask(`${base}/_miroir/ready`);
    if (ready.kind === "unreachable") return unreachable(base, ready.reason).code;
    const answer = await askRouter(args, "/_miroir/topology");
    if (!answer.ok) return answer.code;
    const topology = topologyFrom(answer.body);
    if (topology === null) return unexpected("/_miroir/topology");
    const isReady = ready.status === 200;
    if (args.json === true) printJson({ ready: isReady, reason: isReady ? null : reasonIn(ready.body), topology });
    else for (const line of statusLines(base, isReady ? null : reasonIn(ready.body), topology)) print(line);
    return isReady ? EXIT.ok : EXIT.notReady;
  },
});

export function statusLines(base: string, notReadyBecause: string | null, topology: TopologyAnswer): string[] {
  const { nodes } = topology;
  const troubled = nodes.filter((node) => node.status !== "active");
  const named = troubled.map((node) => `${node.id} ${node.status}`).join(", ");
  const copies = topology.replication_factor * topology.replica_groups;
  return [
    `Router   ${base}`,
    `Ready    ${notReadyBecause === null ? "yes" : `no: ${notReadyBecause}`}`,
    `Nodes    ${nodes.length}, ${troubled.length === 0 ? "all active" : `not active: ${named}`}`,
    `Shards   ${topology.shards} for new indexes, ${copies} ${copies === 1 ? "copy" : "copies"} each, ${topology.fully_covered ? "all reachable" : "NOT all reachable"}`,
    `Moving   ${topology.rebalance_in_progress ? "a rebalance is running" : "nothing"}`,
    `Epoch    ${topology.epoch}`,
  ];
}

export function reasonIn(body: unknown): string {
  if (!isRecord(body)) return typeof body === "string" && body !== "" ? body : "the router gives no reason";
  const { reasons, message } = body;
  if (Array.isArray(reasons) && reasons.length > 0) return reasons.join("; ");
  if (typeof message === "string") return message;
  return JSON.stringify(body);
}
