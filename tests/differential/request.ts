/** One request of a differential run, as it stands in a request file: one JSON object per line. */
import { assert } from "../../src/core/assert.ts";

export interface DifferentialRequest {
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Empty lines are passed over. */
export function readRequests(text: string): DifferentialRequest[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, position) => {
      const { method, path, body, headers } = JSON.parse(line) as DifferentialRequest;
      assert(typeof method === "string" && typeof path === "string", `request ${position + 1} has a method and a path`);
      return { method, path, ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) };
    });
}

/** The index a request asks, where it asks one; undefined for a multi-search. */
export function indexOf(request: DifferentialRequest): string | undefined {
  const found = /^\/indexes\/([^/?]+)/.exec(request.path)?.[1];
  return found === undefined ? undefined : decodeURIComponent(found);
}
