/** Finds the route of a request, judges who asks, runs it and writes the answer. */
import { toJson } from "../exact-json.ts";
import { authorize } from "../keys/authorize.ts";
import { NodeError } from "../node-error.ts";
import type { NodeState } from "../node-state.ts";
import { documentRoutes } from "./document-routes.ts";
import { indexRoutes } from "./index-routes.ts";
import { keyRoutes } from "./key-routes.ts";
import { nodeRoutes } from "./node-routes.ts";
import { reason, type NodeReply } from "./request.ts";
import type { Route } from "./route.ts";
import { searchRoutes } from "./search-routes.ts";
import { settingsRoutes } from "./settings-routes.ts";
import { switchedOffRoutes } from "./switched-off-routes.ts";
import { taskRoutes } from "./task-routes.ts";

interface CompiledRoute extends Route {
  readonly segments: readonly string[];
}

const ROUTES: readonly CompiledRoute[] = [
  ...nodeRoutes,
  ...indexRoutes,
  ...documentRoutes,
  ...searchRoutes,
  ...settingsRoutes,
  ...taskRoutes,
  ...keyRoutes,
  ...switchedOffRoutes,
].map((route) => ({ ...route, segments: route.path.split("/").slice(1) }));

const CORS = { "access-control-allow-origin": "*" };

export async function dispatch(request: Request, node: NodeState): Promise<Response> {
  try {
    const { path, query } = split(request.url);
    const segments = path.split("/").slice(1).map(decodeURIComponent);
    const matching = ROUTES.filter((route) => matchesPath(route.segments, segments));
    const best = matching.find((route) => route.segments.every((segment) => !segment.startsWith(":"))) ?? matching[0];
    if (best === undefined) return new Response(null, { status: 404, headers: CORS });
    const candidates = matching.filter(
      (route) => route.method === request.method || (request.method === "HEAD" && route.method === "GET"),
    );
    const route = candidates.find(({ path: own }) => own === best.path) ?? candidates[0];
    if (route === undefined) return new Response(null, { status: 405, headers: CORS });
    const parameters = parametersOf(route.segments, segments);
    const header = request.headers.get("authorization");
    const authority = authorize(
      header,
      route.action ?? "",
      parameters["index"] ?? null,
      route.action === null ? OPEN : node.keyStore,
    );
    return written(await route.handle({ node, request, parameters, query: new URLSearchParams(query), authority }));
  } catch (error) {
    const known = error instanceof NodeError ? error : new NodeError("internal", `Internal: ${reason(error)}`);
    return written({ status: known.status, body: known.view() });
  }
}

/** Stands in for the keys on routes that nobody is asked on. */
const OPEN = { masterKey: null } as NodeState["keyStore"];

function split(url: string): { path: string; query: string } {
  const afterOrigin = /^[a-z]+:\/\/[^/?]*/i.exec(url)?.[0].length ?? 0;
  const rest = url.slice(afterOrigin);
  const mark = rest.indexOf("?");
  const path = mark === -1 ? rest : rest.slice(0, mark);
  return { path: path.length > 1 ? path.replace(/\/+$/, "") : "/", query: mark === -1 ? "" : rest.slice(mark + 1) };
}

function matchesPath(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length && pattern.every((part, at) => part.startsWith(":") || part === segments[at])
  );
}

function parametersOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pattern.flatMap((part, at) => (part.startsWith(":") ? [[part.slice(1), segments[at] ?? ""]] : [])),
  );
}

function written({ status, body }: NodeReply): Response {
  if (body === undefined) return new Response(null, { status, headers: CORS });
  return new Response(toJson(body), { status, headers: { "content-type": "application/json", ...CORS } });
}
