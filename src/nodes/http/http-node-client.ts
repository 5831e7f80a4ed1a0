/**
 * One exchange with one node over `fetch`: no deadline, retry, limit or counting, those are wrappers around it. Always
 * asks for `identity` encoding, since compressed answers of the engine stall 40 ms. A `once` request travels on a
 * connection of its own: on a kept-alive one the runtime re-sends PUT and DELETE by itself when it finds it closed.
 */
import type { NodeClient, NodeRequest } from "../node-client.ts";
import type { NodeOutcome } from "../node-outcome.ts";
import { classifyAnswer, classifyFailure } from "../classify.ts";

export interface HttpNodeOptions {
  readonly nodeId: string;
  /** Base URL without a trailing slash. */
  readonly address: string;
  /** Empty: no credential is sent (a node in open mode). */
  readonly masterKey: string;
}

export function createHttpNodeClient(options: HttpNodeOptions): NodeClient {
  const { nodeId, address } = options;
  const baseHeaders: Record<string, string> = { "accept-encoding": "identity" };
  if (options.masterKey !== "") baseHeaders["authorization"] = `Bearer ${options.masterKey}`;
  const jsonHeaders = { ...baseHeaders, "content-type": "application/json" };

  return {
    nodeId,
    address,
    async send(request, signal): Promise<NodeOutcome> {
      try {
        const response = await fetch(address + request.path, {
          method: request.method,
          headers: headersOf(request, baseHeaders, jsonHeaders),
          redirect: "manual",
          keepalive: request.repeat === "safe",
          ...(request.body === undefined ? {} : { body: request.body }),
          ...(signal === undefined ? {} : { signal }),
        });
        const text = await response.text();
        return classifyAnswer(nodeId, request, response.status, text);
      } catch (cause) {
        return classifyFailure(nodeId, cause, signal);
      }
    },
  };
}

function headersOf(
  request: NodeRequest,
  baseHeaders: Record<string, string>,
  jsonHeaders: Record<string, string>,
): Record<string, string> {
  const plain = request.body === undefined ? baseHeaders : jsonHeaders;
  if (request.contentType === undefined && request.headers === undefined) return plain;
  return {
    ...plain,
    ...request.headers,
    ...(request.contentType === undefined ? {} : { "content-type": request.contentType }),
  };
}
