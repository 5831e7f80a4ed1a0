/** Sends one request each to many nodes at once and collects the outcomes by position. Blind to what they carry. */
import type { NodeClient, NodeRequest } from "../nodes/node-client.ts";
import type { NodeOutcome } from "../nodes/node-outcome.ts";

export interface ScatterCall {
  readonly client: NodeClient;
  readonly request: NodeRequest;
}

/** Never rejects; `outcomes[i]` belongs to `calls[i]`. Each request carries its own deadline. */
export function scatter(calls: readonly ScatterCall[], signal?: AbortSignal): Promise<readonly NodeOutcome[]> {
  return Promise.all(calls.map(({ client, request }) => client.send(request, signal)));
}
