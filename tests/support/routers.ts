/** Several routers before one fleet, sharing a real Redis server: how an installation looks that survives a router. */
import { startMiroir, type StartMiroirOptions, type TestMiroir } from "./miroir.ts";
import { startNodes, type TestNode } from "./nodes.ts";
import { startRedis, type TestRedis } from "./redis.ts";

export interface TestRouters {
  readonly routers: readonly [TestMiroir, TestMiroir];
  readonly nodes: readonly TestNode[];
  readonly redis: TestRedis;
  stop(): Promise<void>;
}

export interface StartRoutersOptions extends StartMiroirOptions {
  /** `leader_election.lease_ttl_s`: after how long a router counts as gone. Short ones run out on a machine that is busy. */
  readonly leaseS: number;
}

export async function startRouters(options: StartRoutersOptions): Promise<TestRouters> {
  const redis = await startRedis({ durable: true });
  const nodes =
    options.use ?? (await startNodes(options.nodes ?? 3, options.kind === undefined ? {} : { kind: options.kind }));
  const start = (): Promise<TestMiroir> =>
    startMiroir({
      ...options,
      use: nodes,
      store: `{ backend: redis, url: "${redis.url()}" }`,
      config: `  peer_discovery: { refresh_interval_s: 1 }
  leader_election: { lease_ttl_s: ${options.leaseS} }
${options.config ?? ""}`,
    });
  const routers = [await start(), await start()] as const;
  return {
    routers,
    nodes,
    redis,
    async stop() {
      await Promise.all(routers.map((router) => router.stop()));
      await redis.stop();
    },
  };
}
