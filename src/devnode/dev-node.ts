/**
 * The development node: an honest, small search engine that speaks the HTTP API of Meilisearch 1.50 well enough for the
 * demo and the tests of a machine without the real one. It is a room of its own: it imports nothing of the router.
 */
import { dispatch } from "./http/dispatch.ts";
import { NodeState } from "./node-state.ts";

export interface DevNodeOptions {
  /** 0 takes any free port. */
  readonly port?: number | undefined;
  readonly hostname?: string | undefined;
  /** Without one every route is open. */
  readonly masterKey?: string | undefined;
  /** Without one everything is kept in memory only. */
  readonly dataDir?: string | undefined;
}

export interface DevNode {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const REQUEST_BYTES_MAX = 128 * 1024 * 1024;

/** Starts a node in this process. What it had acknowledged before is there again when the directory is the same. */
export async function startDevNode(options: DevNodeOptions = {}): Promise<DevNode> {
  const hostname = options.hostname ?? "127.0.0.1";
  const masterKey = options.masterKey === undefined || options.masterKey === "" ? null : options.masterKey;
  const state = new NodeState(masterKey, options.dataDir);
  const server = Bun.serve({
    hostname,
    port: options.port ?? 0,
    idleTimeout: 0,
    development: false,
    maxRequestBodySize: REQUEST_BYTES_MAX,
    fetch: (request) => dispatch(request, state),
  });
  const port = server.port ?? 0;
  return await Promise.resolve({
    url: `http://${hostname}:${port}`,
    port,
    async stop() {
      await server.stop(true);
      state.close();
    },
  });
}
