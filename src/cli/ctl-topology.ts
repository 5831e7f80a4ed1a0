/** `miroir ctl topology`: the nodes, one line each. */
import { command } from "./command.ts";
import { askRouter, CTL_EXIT_CODES, ctlArguments, KEY_PARAGRAPH, unexpected } from "./ctl-arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printJson, printTable } from "./print.ts";
import { topologyFrom, type NodeAnswer } from "./topology-answer.ts";

export const topologyCommand = command({
  help: {
    details: [
      "Lists the nodes with their group, state, number of shards, version and the time of the last answer.",
      KEY_PARAGRAPH,
    ],
    examples: [
      { line: "miroir ctl topology", does: "As a table." },
      { line: "miroir ctl topology --json | jq '.nodes[] | select(.status != \"active\")'", does: "Nodes in trouble." },
    ],
    exitCodes: CTL_EXIT_CODES,
  },
  args: ctlArguments,
  async run({ args }) {
    const answer = await askRouter(args, "/_miroir/topology");
    if (!answer.ok) return answer.code;
    const topology = topologyFrom(answer.body);
    if (topology === null) return unexpected("/_miroir/topology");
    if (args.json === true) {
      printJson(answer.body);
      return EXIT.ok;
    }
    const withErrors = topology.nodes.some((node) => node.error !== undefined);
    const headers = ["node", "group", "state", "shards", "version", "seen", "address"];
    printTable(withErrors ? [...headers, "error"] : headers, topology.nodes.map(nodeRow));
    print(
      `\nepoch ${topology.epoch}, ${topology.fully_covered ? "every shard is reachable" : "NOT every shard is reachable"}`,
    );
    return EXIT.ok;
  },
});

function nodeRow(node: NodeAnswer): string[] {
  const row = [
    node.id,
    node.replica_group,
    node.status,
    node.shard_count,
    node.version ?? "?",
    seen(node),
    node.address,
  ];
  return [...row.map(String), node.error ?? ""];
}

/** `0.4 s ago`, `3 min ago`. */
function seen(node: NodeAnswer): string {
  if (typeof node.last_seen_ms !== "number") return "never";
  const seconds = node.last_seen_ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s ago`;
  if (seconds < 120) return `${Math.round(seconds)} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}
