/** What settings versions mean to a reader: the version he asks for, and what the answer says of the one he got. */
import { apiError } from "../core/errors/api-error.ts";
import type { Reply, RequestContext, Route } from "./route.ts";

/** `X-Miroir-Min-Settings-Version` becomes part of what the services get. */
export function withMinSettings<Deps extends object>(
  deps: Deps,
  context: Pick<RequestContext, "request">,
): Deps & { readonly minSettingsVersion?: number } {
  const value = context.request.headers.get("x-miroir-min-settings-version");
  if (value === null) return deps;
  if (/^\d{1,15}$/.test(value)) return { ...deps, minSettingsVersion: Number(value) };
  throw apiError(
    "miroir_invalid_header",
    `\`X-Miroir-Min-Settings-Version\` must be a settings version, a whole number, and not \`${value}\`.`,
  );
}

/** The version is that of the moment in which the request arrived: what is answered is at least as new. */
export function withSettingsHeaders(
  headersOf: (indexUids: readonly string[]) => Readonly<Record<string, string>>,
  routes: readonly Route[],
): readonly Route[] {
  return routes.map((route) => {
    if (!route.path.startsWith("/indexes/{indexUid}/")) return route;
    return {
      ...route,
      handler: (context: RequestContext) =>
        answerWithSettings(headersOf, [context.params["indexUid"] ?? ""], () => route.handler(context)),
    };
  });
}

/** The answer with what it has to say of the settings of these indexes. */
export async function answerWithSettings(
  headersOf: (indexUids: readonly string[]) => Readonly<Record<string, string>>,
  indexUids: readonly string[],
  answer: () => Promise<Reply>,
): Promise<Reply> {
  const before = headersOf(indexUids);
  const reply = await answer();
  // A change that began meanwhile counts as well, be it the one that this request has sent.
  const after = headersOf(indexUids);
  const version = before[VERSION] ?? after[VERSION];
  const headers = { ...before, ...after, ...(version === undefined ? {} : { [VERSION]: version }) };
  return { ...reply, headers: { ...headers, ...reply.headers } };
}

const VERSION = "X-Miroir-Settings-Version";
