/**
 * The only sockets that are opened: one for clients, one for whoever collects the metrics. Bun's own time limit and
 * body limit are off, because their refusals cannot be worded; the app has its own.
 */
import type { Emit } from "../telemetry/event.ts";
import { listenerFailed } from "../telemetry/events/http.ts";
import { errorBody } from "../core/errors/api-error.ts";
import type { App } from "./app.ts";

export interface ListenOptions {
  readonly hostname: string;
  /** 0: any free one. */
  readonly port: number;
  /** Paths of PEM files; both or none. */
  readonly tls?: { readonly certPath: string; readonly keyPath: string } | undefined;
  readonly emit: Emit;
}

export interface Listener {
  readonly port: number;
  /** Refuses new connections and closes idle ones; resolves when the last answer has been sent. */
  stop(): Promise<void>;
  /** Cuts every connection. */
  kill(): Promise<void>;
}

/** Throws when the port is taken. */
export function listen(app: Pick<App, "handle">, options: ListenOptions): Listener {
  return serve((request) => app.handle(request), options);
}

/** `GET /metrics` without authentication, and nothing else. */
export function listenForMetrics(
  metrics: { render(): Promise<string>; readonly contentType: string },
  options: ListenOptions,
): Listener {
  return serve(async (request) => {
    if (!/^(?:[a-z]+:\/\/[^/]*)?\/metrics\/?(?:\?|$)/.test(request.url)) return new Response(null, { status: 404 });
    if (request.method !== "GET") return new Response(null, { status: 405, headers: { allow: "GET" } });
    return new Response(await metrics.render(), { headers: { "content-type": metrics.contentType } });
  }, options);
}

function serve(handle: (request: Request) => Promise<Response>, options: ListenOptions): Listener {
  const server = Bun.serve({
    hostname: options.hostname,
    port: options.port,
    development: false,
    idleTimeout: 0,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    ...(options.tls && { tls: { cert: Bun.file(options.tls.certPath), key: Bun.file(options.tls.keyPath) } }),
    fetch: handle,
    error: (error) => {
      options.emit(listenerFailed, { error });
      return Response.json(errorBody("internal", "An internal error has occurred."), { status: 500 });
    },
  });
  return {
    port: server.port ?? options.port,
    stop: () => server.stop(),
    kill: () => server.stop(true),
  };
}
