/** What a write needs of the hints: a place in the order of each node, and keeping what a node missed. */
import type { RequestBody } from "../../core/documents/body-stream.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { EnqueueOutcome } from "../../scatter/lane.ts";
import type { NewHint } from "../../store/hint-store.ts";

/** What is kept of a request that a node has missed; null: it has not missed it, or there is nothing to keep. */
export function keptRequest(request: NodeRequest, outcome: EnqueueOutcome | undefined): NewHint["request"] | null {
  const { method, path, contentType, operation } = request;
  if (outcome?.kind !== "missed" || method === "GET") return null;
  return {
    method,
    path,
    operation,
    ...(contentType === undefined ? {} : { contentType }),
    ...(outcome.unsent === true ? { unsent: true } : {}),
  };
}

export interface WriteHints {
  place(nodeId: string): WritePlace;
}

export interface WritePlace {
  /** The write is missed: from this instant the node gets no other write. */
  hold(): void;
  /** Keeps the write durably behind those accepted before it; false if it is past the limits. */
  record(
    write: Omit<NewHint, "id" | "nodeId" | "spoolRef" | "bytes" | "createdAt"> & {
      readonly body: RequestBody | null;
    },
  ): Promise<boolean>;
  release(): void;
}
