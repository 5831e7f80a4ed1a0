/** The rules about nodes and groups: unique names and addresses, and groups that can hold their copies. */
import type { Config } from "./config.ts";
import { when, type Finding, type RuleContext } from "./rule.ts";

export function uniqueIds({ config }: RuleContext): readonly Finding[] {
  return repeated(config.nodes.map((node) => node.id)).map(({ position, first }) => ({
    path: ["nodes", position, "id"],
    message: `The id ${config.nodes[position]?.id} is already that of nodes[${first}]: every node has its own, and ids are never used again.`,
  }));
}

export function addresses({ config }: RuleContext): readonly Finding[] {
  const findings: Finding[] = [];
  const normal = config.nodes.map((node, position) => {
    const flaw = addressFlaw(node.address);
    if (flaw === null) return URL.parse(node.address)?.href.replace(/\/+$/, "") ?? node.address;
    findings.push({
      path: ["nodes", position, "address"],
      message: `${flaw}: write the node's base URL, such as http://10.0.0.11:7700.`,
    });
    return `#${position}`;
  });
  for (const { position, first } of repeated(normal)) {
    findings.push({
      path: ["nodes", position, "address"],
      message: `It is already the address of node ${config.nodes[first]?.id} (nodes[${first}]): two nodes at one address would be one copy that counts as two.`,
    });
  }
  return findings;
}

function addressFlaw(address: string): string | null {
  const url = URL.parse(address);
  if (url === null) return "It is not a URL";
  if (url.protocol !== "http:" && url.protocol !== "https:") return "It must begin with http:// or https://";
  if (url.username !== "" || url.password !== "") return "It must not carry a user or a password";
  if (url.search !== "" || url.hash !== "") return "It must not have a query or a fragment";
  return null;
}

/** Positions whose value was there before, with the position of the first. */
function repeated(values: readonly string[]): { position: number; first: number }[] {
  const firsts = new Map<string, number>();
  const found: { position: number; first: number }[] = [];
  values.forEach((value, position) => {
    const first = firsts.get(value);
    if (first === undefined) firsts.set(value, position);
    else found.push({ position, first });
  });
  return found;
}

export function nodesPerGroup(config: Config): number[] {
  const counts = Array.from({ length: config.replica_groups }, () => 0);
  for (const { replica_group: group } of config.nodes) {
    if (group < counts.length) counts[group] = (counts[group] ?? 0) + 1;
  }
  return counts;
}

export function groupsAreFilled({ config }: RuleContext): readonly Finding[] {
  if (config.nodes.length === 0) {
    return [
      { path: ["nodes"], message: "No node is configured: list the Meilisearch nodes with their id and address." },
    ];
  }
  const wanted = config.replication_factor;
  return nodesPerGroup(config).flatMap((count, group) =>
    when(
      count < wanted,
      ["nodes"],
      `Replica group ${group} has ${count} of the ${wanted} nodes that replication_factor ${wanted} needs: add nodes with replica_group ${group}, or lower replication_factor or replica_groups.`,
    ),
  );
}
