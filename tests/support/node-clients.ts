/** Clients of nodes that a test has started, by the names `n0`, `n1` and so on. */
import { createHttpNodeClient } from "../../src/nodes/http/http-node-client.ts";
import type { NodeClient } from "../../src/nodes/node-client.ts";
import type { TestNode } from "./nodes.ts";

/** In the order of the nodes; one that a test plays with is changed by the caller. */
export function clientsOf(nodes: readonly TestNode[]): NodeClient[] {
  return nodes.map(clientOf);
}

export function clientOf(node: TestNode, place: number): NodeClient {
  return createHttpNodeClient({ nodeId: `n${place}`, address: node.url, masterKey: node.masterKey });
}
