/** Asks the task routes without a socket: the route is matched, its handler called, an error rendered. */
import type { TaskIdFormat } from "../../../src/core/tasks/task-view.ts";
import { renderError } from "../../../src/http/error-response.ts";
import { createRouteMatcher } from "../../../src/http/match-route.ts";
import type { Authority } from "../../../src/http/auth/authority.ts";
import type { RequestContext } from "../../../src/http/route.ts";
import { tasksRoutes } from "../../../src/http/routes/tasks.ts";
import type { World } from "./registry-world.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
  // Answers are examined field by field in tests; a shape for each of them would only repeat the test.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly task: string | undefined;
}

export interface AskOptions {
  /** The only indexes that the credential may see. */
  readonly indexes?: readonly string[];
  readonly idFormat?: TaskIdFormat;
}

export async function ask(world: World, method: string, target: string, options: AskOptions = {}): Promise<Answer> {
  const { registry, store, fleet } = world;
  const deps = {
    registry,
    store: store.tasks,
    fleet,
    nudge: () => registry.nudge(),
    idFormat: options.idFormat ?? "integer",
    timeoutMs: 1_000,
    switches: async () => ({ getTaskDocumentsRoute: true }),
    relay: async () => {
      throw new TypeError("no node is asked for a refusal here");
    },
  };
  const [path = "", rawQuery = ""] = target.split("?");
  const match = createRouteMatcher(tasksRoutes(deps))(method, path);
  if (match.kind !== "found") throw new TypeError(`no route for ${method} ${target}`);
  const context = {
    path,
    params: match.params,
    query: new URLSearchParams(rawQuery),
    rawQuery,
    authority: authorityFor(options.indexes),
  } as unknown as RequestContext;
  const reply = await match.route.handler(context).catch((error: unknown) => renderError(error, "test").reply);
  const text = typeof reply.body === "string" ? reply.body : "";
  return { status: reply.status, text, body: JSON.parse(text), task: reply.headers?.["X-Miroir-Task"] };
}

function authorityFor(indexes: readonly string[] | undefined): Authority {
  return {
    kind: indexes === undefined ? "master" : "api_key",
    keyUid: null,
    allowsAction: () => true,
    allowsIndex: (indexUid) => indexes?.includes(indexUid) ?? true,
    restrictedToIndexes: indexes !== undefined,
    forcedFilter: () => undefined,
  };
}
