/** A row of the route table. */
import type { NodeReply, NodeRequestContext } from "./request.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Segments that begin with a colon are parameters; `:index` is the index that the key must cover. */
  readonly path: string;
  /** The action a key needs, null for routes that are open. */
  readonly action: string | null;
  readonly handle: (context: NodeRequestContext) => NodeReply | Promise<NodeReply>;
}
