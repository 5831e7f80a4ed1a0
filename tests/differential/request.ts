/** One request of a differential run, as it stands in a request file: one JSON object per line. */
import { assert } from "../../src/core/assert.ts";
import type { SearchRules } from "./tenant.ts";

export interface DifferentialRequest {
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with a tenant token of these rules, which each side gets from a key of its own. */
  readonly searchRules?: SearchRules;
}

/** Empty lines are passed over. */
export function readRequests(text: string): DifferentialRequest[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, position) => {
      const request = JSON.parse(line) as DifferentialRequest;
      const { method, path } = request;
      assert(typeof method === "string" && typeof path === "string", `request ${position + 1} has a method and a path`);
      return request;
    });
}

/** The index a request asks, where it asks one; undefined for a multi-search. */
export function indexOf(request: DifferentialRequest): string | undefined {
  const found = /^\/indexes\/([^/?]+)/.exec(request.path)?.[1];
  return found === undefined ? undefined : decodeURIComponent(found);
}
