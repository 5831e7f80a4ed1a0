/** Writes a node has missed and gets later, in the order in which their places were taken; kept by the hints. */
import type { RequestBody } from "../../core/documents/body-stream.ts";

export interface MissedWrites {
  /** True while a node has missed writes before it: what follows has to wait behind them. */
  pending(nodeId: string): boolean;
  place(nodeId: string): MissedPlace;
}

export interface MissedPlace {
  /** The write is missed: from this instant the node gets no other write. */
  hold(): void;
  /** False: past the limits; the node needs a repair as a whole. */
  record(write: {
    readonly indexUid: string;
    readonly request: {
      readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
      readonly path: string;
      readonly operation: string;
    };
    readonly taskUid: number | null;
    readonly operationId: string | null;
    readonly body: RequestBody | null;
  }): Promise<boolean>;
  release(): void;
}
