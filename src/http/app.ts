/**
 * From a request to its answer: id, match, admission, authority, handler, rendering, record. Knows no socket, so that
 * tests call it in memory. Guarantees that every request is answered within its time, whatever its handler does, that
 * every failure has the engine's shape, and that no more than the configured number run at once.
 */
import { ApiError, apiError, type ErrorBody, errorBody } from "../core/errors/api-error.ts";
import type { Clock } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import type { Emit } from "../telemetry/event.ts";
import { probeFinished, requestFailed, requestFinished, requestSlow } from "../telemetry/events/http.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Authorize } from "./auth/authorize.ts";
import { CORS_VARY, preflight } from "./cors.ts";
import { compress, COMPRESS_BYTES_MIN, negotiateEncoding } from "./compress-reply.ts";
import { renderError } from "./error-response.ts";
import { ClientGone, Exchange } from "./exchange.ts";
import { createRouteMatcher, normalizePath, type RouteMatch } from "./match-route.ts";
import { requestId } from "./request-id.ts";
import type { Reply, Route } from "./route.ts";

export interface AppLimits {
  readonly bodyBytesMax: number;
  readonly concurrentRequestsMax: number;
  readonly requestTimeoutMs: number;
  /** 0: nothing counts as slow. */
  readonly slowQueryMs: number;
}

export interface AppDeps {
  readonly routes: readonly Route[];
  readonly authorize: Authorize;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly metrics: Metrics;
  /** Read for every request, so that a reload takes effect at once. */
  readonly limits: () => AppLimits;
}

export interface App {
  /** Never rejects. */
  handle(request: Request): Promise<Response>;
  /** From now on only the endpoints that nobody is checked for answer; everything else hears that we are stopping. */
  drain(): void;
  /** Requests whose handlers have not ended, also those whose time was over. */
  inFlight(): number;
}

export function createApp(deps: AppDeps): App {
  const match = createRouteMatcher(deps.routes);
  const state: AppState = { inFlight: 0, draining: false };
  deps.metrics.set("requests_in_flight", 0);
  return {
    handle: (request) => handle(deps, match, state, request),
    drain: () => {
      state.draining = true;
    },
    inFlight: () => state.inFlight,
  };
}

interface AppState {
  inFlight: number;
  draining: boolean;
}

async function handle(
  deps: AppDeps,
  match: (method: string, path: string) => RouteMatch,
  state: AppState,
  request: Request,
): Promise<Response> {
  const startedMs = deps.clock.monotonicMs();
  const { method, headers } = request;
  const limits = deps.limits();
  const id = requestId(headers.get("x-request-id"), deps.random);
  const asksFirst = preflight(method, headers, id);
  if (asksFirst !== null) return asksFirst;
  const target = splitTarget(request.url);
  const found = match(method, target.path);
  const exchange = new Exchange(request, id, target, found.kind === "found" ? found.params : {}, limits.bodyBytesMax);
  let reply: Reply;
  let response: Response;
  try {
    reply = found.kind === "found" ? await run(deps, state, limits, found.route, exchange) : unmatched(found, exchange);
  } catch (error) {
    reply = failed(deps, request, templateOf(found), id, error);
  }
  exchange.close();
  try {
    response = await toResponse(reply, headers, id);
  } catch (error) {
    response = await toResponse(failed(deps, request, templateOf(found), id, error), headers, id);
  }
  record(deps, limits, found, exchange, reply.status, deps.clock.monotonicMs() - startedMs);
  return response;
}

/** Admission, authority and handler, under the request's deadline. */
function run(deps: AppDeps, state: AppState, limits: AppLimits, route: Route, exchange: Exchange): Promise<Reply> {
  if (route.access.kind === "action") {
    if (state.draining) throw apiError("miroir_shutting_down", "The router is shutting down.");
    if (state.inFlight >= limits.concurrentRequestsMax) {
      throw apiError("miroir_overloaded", `The router already works on ${state.inFlight} requests.`);
    }
  }
  deps.metrics.set("requests_in_flight", ++state.inFlight);
  return new Promise((resolve, reject) => {
    const timer = deps.clock.startTimer(limits.requestTimeoutMs, () => {
      const error = timedOut(limits.requestTimeoutMs);
      exchange.end(error);
      reject(error);
    });
    // The slot is free when the work has ended, not when the client has been told that it takes too long.
    const settled = (): void => {
      timer.cancel();
      deps.metrics.set("requests_in_flight", --state.inFlight);
    };
    judgeAndHandle(deps.authorize, route, exchange).then(
      (reply) => {
        settled();
        resolve(reply);
      },
      (error: unknown) => {
        settled();
        reject(error);
      },
    );
  });
}

async function judgeAndHandle(authorize: Authorize, route: Route, exchange: Exchange): Promise<Reply> {
  const indexUid = exchange.params["indexUid"];
  const judged = authorize({ access: route.access, headers: exchange.request.headers, indexUid, exchange });
  exchange.admit(judged instanceof Promise ? await judged : judged);
  return route.handler(exchange);
}

function timedOut(requestTimeoutMs: number): ApiError {
  return apiError("miroir_request_timeout", `The request did not end within ${requestTimeoutMs} ms.`);
}

/** The engine's statuses; the bodies, which it leaves empty, say what is the matter. */
function unmatched(found: Exclude<RouteMatch, { kind: "found" }>, exchange: Exchange): Reply {
  const { method } = exchange.request;
  // An answer to HEAD has no body, so nothing may be said about one.
  if (method === "HEAD") return { status: found.kind === "unknown" ? 404 : 405, headers: allowOf(found), body: null };
  if (found.kind === "unknown")
    return errorReply(404, errorBody("not_found", `There is no route \`${exchange.path}\`.`));
  const allowed = found.allowed.join(", ");
  const message = `The route \`${found.template}\` does not answer \`${method}\`, only ${allowed}.`;
  return errorReply(405, errorBody("miroir_method_not_allowed", message), allowOf(found));
}

function allowOf(found: Exclude<RouteMatch, { kind: "found" }>): Readonly<Record<string, string>> {
  return found.kind === "unknown" ? {} : { allow: found.allowed.join(", ") };
}

function errorReply(status: number, body: ErrorBody, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: JSON.stringify(body) };
}

function failed(deps: AppDeps, request: Request, pathTemplate: string, id: string, error: unknown): Reply {
  if (error instanceof ClientGone || (request.signal.aborted && !(error instanceof ApiError))) return CLIENT_GONE;
  const { reply, ours } = renderError(error, id);
  if (ours) deps.emit(requestFailed, { requestId: id, method: request.method, pathTemplate, error });
  return reply;
}

function templateOf(found: RouteMatch): string {
  if (found.kind === "found") return found.route.path;
  return found.kind === "wrong_method" ? found.template : "unmatched";
}

function record(
  deps: AppDeps,
  limits: AppLimits,
  found: RouteMatch,
  exchange: Exchange,
  status: number,
  durationMs: number,
): void {
  const { params, notes } = exchange;
  const indexUid = params["indexUid"];
  const finished = {
    requestId: exchange.requestId,
    method: exchange.request.method,
    pathTemplate: templateOf(found),
    status,
    durationMs,
    notes: indexUid === undefined ? notes : { index: indexUid, ...notes },
  };
  const probe = found.kind === "found" && found.route.access.kind === "exempt" && status < 400;
  deps.emit(probe ? probeFinished : requestFinished, finished);
  if (limits.slowQueryMs > 0 && durationMs >= limits.slowQueryMs) deps.emit(requestSlow, finished);
}

async function toResponse(reply: Reply, requestHeaders: Headers, id: string): Promise<Response> {
  const headers: Record<string, string> = { "x-request-id": id, vary: CORS_VARY };
  if (requestHeaders.get("origin") !== null) headers["access-control-allow-origin"] = "*";
  if (reply.headers !== undefined) Object.assign(headers, reply.headers);
  let { body } = reply;
  if (body !== null) {
    headers["content-type"] ??= "application/json";
    if (!(body instanceof ReadableStream) && body.length >= COMPRESS_BYTES_MIN && !("content-encoding" in headers)) {
      headers["vary"] = `${CORS_VARY}, Accept-Encoding`;
      const encoding = negotiateEncoding(requestHeaders.get("accept-encoding"));
      if (encoding !== null) {
        headers["content-encoding"] = encoding;
        body = await compress(body, encoding);
      }
    }
  }
  return new Response(body, { status: reply.status, headers });
}

/** By hand: without a Host header there is no URL to parse, and a malformed one must not be a fault of ours. */
function splitTarget(url: string): { path: string; rawQuery: string } {
  const scheme = url.startsWith("/") ? -1 : url.indexOf("://");
  const start = scheme === -1 ? 0 : url.indexOf("/", scheme + 3);
  if (start === -1) return { path: "/", rawQuery: "" };
  const question = url.indexOf("?", start);
  if (question === -1) return { path: normalizePath(url.slice(start)), rawQuery: "" };
  return { path: normalizePath(url.slice(start, question)), rawQuery: url.slice(question + 1) };
}

/** Nobody reads it; the status is what nginx made customary for this in logs. */
const CLIENT_GONE: Reply = { status: 499, body: null };
