/**
 * Routes behind a switch of the engine. While the switch is off every node refuses such a request and changes nothing,
 * whatever else is wrong with it; so a node is asked, and the client gets its words.
 */
import { apiError, nodeError } from "../core/errors/api-error.ts";
import type { Relay } from "../services/relay/relay.ts";
import type { Reply, RequestContext } from "./route.ts";

export interface FeatureGateDeps {
  /** Which features are on. */
  readonly switches: (signal: AbortSignal) => Promise<Readonly<Record<string, unknown>>>;
  readonly relay: Relay;
}

type Handler = (context: RequestContext) => Promise<Reply>;

/** `handler` runs only while the feature is on. */
export function behindFeature(deps: FeatureGateDeps, feature: string, handler: Handler): Handler {
  return async (context) => {
    const switches = await deps.switches(context.signal);
    return switches[feature] === true ? handler(context) : refusedByNode(deps.relay, context, feature);
  };
}

async function refusedByNode(relay: Relay, context: RequestContext, feature: string): Promise<never> {
  const body = await context.body();
  const contentType = context.request.headers.get("content-type");
  // Without a content type a body would be sent as JSON, which is not what the client did.
  const carried = contentType === null ? {} : { ...(body.byteLength > 0 ? { body } : {}), contentType };
  const answer = await relay(
    {
      method: context.request.method as "GET",
      path: context.rawQuery === "" ? context.path : `${context.path}?${context.rawQuery}`,
      operation: "judge",
      ...carried,
    },
    context.signal,
  );
  if (answer.kind === "refused") throw nodeError(answer.status, answer.error);
  throw apiError(
    "miroir_node_unavailable",
    `The nodes do not agree whether \`${feature}\` is on. Send \`PATCH /experimental-features\` again, as it should be.`,
  );
}
