/** Is anybody there, and which version: answered by the router itself, without waiting for the slowest node. */
import { nodeError } from "../../core/errors/api-error.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Relay } from "../../services/relay/relay.ts";
import { json, jsonText } from "../respond.ts";
import type { Reply, Route } from "../route.ts";

export interface HealthRoutesDeps {
  readonly relay: Relay;
  readonly clock: Clock;
}

export function healthRoutes(deps: HealthRoutesDeps): readonly Route[] {
  const version = cachedVersion(deps);
  return [
    {
      method: "GET",
      path: "/",
      access: { kind: "exempt" },
      answered: "By the router.",
      handler: async () => json(200, { status: "Meilisearch is running" }),
    },
    {
      method: "GET",
      path: "/health",
      access: { kind: "exempt" },
      answered: "By the router: it is alive. Whether the fleet is whole is what `/_miroir/ready` tells.",
      handler: async () => json(200, { status: "available" }),
    },
    {
      method: "GET",
      path: "/version",
      access: { kind: "action", action: "version" },
      answered: "The engine version of a healthy node, kept for a minute.",
      handler: ({ signal }) => version(signal),
    },
  ];
}

/** Only good answers are kept: an error must not outlive its cause. */
function cachedVersion({ relay, clock }: HealthRoutesDeps): (signal: AbortSignal) => Promise<Reply> {
  let kept: { readonly text: string; readonly until: number } | null = null;
  return async (signal) => {
    if (kept !== null && clock.monotonicMs() < kept.until) return jsonText(200, kept.text);
    const answer = await relay({ method: "GET", path: "/version", operation: "version" }, signal);
    if (answer.kind === "refused") throw nodeError(answer.status, answer.error);
    kept = { text: answer.text, until: clock.monotonicMs() + KEEP_VERSION_MS };
    return jsonText(200, answer.text);
  };
}

const KEEP_VERSION_MS = 60_000;
