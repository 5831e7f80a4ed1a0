/** An app in memory on a standing clock, with routes of a test's own and everything it tells in a list. */
import { createApp, type App, type AppLimits } from "../../src/http/app.ts";
import { createAuthorize } from "../../src/http/auth/authorize.ts";
import type { Access, Method, RequestContext, Reply, Route } from "../../src/http/route.ts";
import type { Emit } from "../../src/telemetry/event.ts";
import { createFakeClock, type FakeClock } from "../support/fake-clock.ts";

export const MASTER = "the-master-key-0123456789";
export const ADMIN = "the-admin-key-0123456789";

export interface Told {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface AppFixture {
  readonly app: App;
  readonly clock: FakeClock;
  readonly told: Told[];
  /** With the master key unless headers say otherwise. */
  readonly send: (
    method: string,
    path: string,
    init?: { headers?: Record<string, string>; body?: string },
  ) => Promise<Response>;
}

export function appFixture(routes: readonly Route[], limits: Partial<AppLimits> = {}): AppFixture {
  const clock = createFakeClock();
  const told: Told[] = [];
  let ids = 0;
  const emit: Emit = (kind, fields) => void told.push({ name: kind.name, fields: fields as Told["fields"] });
  const random = { uuidV7: () => `made-${++ids}`, uuidV4: () => "", fraction: () => 0, uint32: () => 0 };
  const keys = { byText: async () => null, byUid: async () => null, textOf: () => "", forget: () => undefined };
  const app = createApp({
    routes,
    authorize: createAuthorize({ clock, keys, masterKey: MASTER, adminKey: ADMIN }),
    clock,
    random,
    emit,
    metrics: { count: () => undefined, set: () => undefined, observe: () => undefined },
    limits: () => ({
      bodyBytesMax: 1_000,
      concurrentRequestsMax: 2,
      requestTimeoutMs: 30_000,
      slowQueryMs: 0,
      ...limits,
    }),
  });
  return {
    app,
    clock,
    told,
    send: (method, path, init = {}) =>
      app.handle(new Request(`http://x${path}`, { method, headers: { authorization: `Bearer ${MASTER}` }, ...init })),
  };
}

export function route(
  method: Method,
  path: string,
  handler: (context: RequestContext) => Promise<Reply>,
  access: Access = { kind: "action", action: "search" },
): Route {
  return { method, path, access, answered: "", handler };
}
