/**
 * One exchange with one node over `fetch`: no deadline, retry, limit or counting, those are wrappers around it. Always
 * asks for `identity` encoding, since compressed answers of the engine stall 40 ms. A `once` request travels on a
 * connection of its own: on a kept-alive one the runtime re-sends PUT and DELETE by itself when it finds it closed.
 */
import { type BodyStream, CHUNK_BYTES, streamOf } from "../../core/documents/body-stream.ts";
import type { NodeClient, NodeRequest } from "../node-client.ts";
import type { NodeOutcome } from "../node-outcome.ts";
import { classifyAnswer, classifyFailure, unavailable } from "../classify.ts";

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
      // Whatever it waited for before, it is decided here, with nothing to wait for between this and the sending.
      if (request.mayGo?.() === false) return unavailable(nodeId, "aborted", false, OVERTAKEN);
      try {
        const response = await fetch(address + request.path, {
          method: request.method,
          headers: headersOf(request, baseHeaders, jsonHeaders),
          redirect: "manual",
          keepalive: request.repeat === "safe",
          ...(request.body === undefined ? {} : { body: sendable(request.body, request.mayGo) }),
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

/** The runtime copies bytes as a whole, but takes a stream no faster than the node does. */
function sendable(
  body: NonNullable<NodeRequest["body"]>,
  mayGo: NodeRequest["mayGo"],
): string | Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array> {
  if (typeof body === "string") return body;
  if (!(body instanceof Uint8Array)) return inTurn(body, mayGo);
  return body.byteLength < CHUNK_BYTES ? (body as Uint8Array<ArrayBuffer>) : inTurn(streamOf(body), mayGo);
}

async function* inTurn(body: BodyStream, mayGo: NodeRequest["mayGo"]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of body.chunks()) {
    // A node takes nothing of a body that breaks off before its announced length.
    if (mayGo?.() === false) throw new TypeError(OVERTAKEN);
    yield chunk;
  }
}

const OVERTAKEN = "another router may have written since";

function headersOf(
  request: NodeRequest,
  baseHeaders: Record<string, string>,
  jsonHeaders: Record<string, string>,
): Record<string, string> {
  const { body } = request;
  const plain = body === undefined ? baseHeaders : jsonHeaders;
  const isStream = typeof body === "object" && !(body instanceof Uint8Array && body.byteLength < CHUNK_BYTES);
  if (request.contentType === undefined && request.headers === undefined && !isStream) return plain;
  return {
    ...plain,
    ...(isStream ? { "content-length": String(body.byteLength) } : {}),
    ...request.headers,
    ...(request.contentType === undefined ? {} : { "content-type": request.contentType }),
  };
}
