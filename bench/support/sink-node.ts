/**
 * A node that takes every write and keeps nothing, so that a bench measures the router alone. It reads request bodies
 * to their end, says that each task has succeeded, and holds no document. Prints its address.
 */
let nextTask = 0;
/** It says that it has what it was told to make, so that the router keeps it in service. */
const indexes: NodeIndex[] = [];
const settings = { searchableAttributes: ["*"], filterableAttributes: [], sortableAttributes: [] };

interface NodeIndex {
  readonly uid: string;
  readonly primaryKey: string | null;
}

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/indexes" && request.method === "POST") indexes.push((await request.json()) as NodeIndex);
    else if (pathname.endsWith("/settings") && request.method === "PATCH")
      Object.assign(settings, await request.json());
    else for await (const _chunk of request.body ?? []) continue;
    if (pathname === "/health") return Response.json({ status: "available" });
    if (pathname === "/version") return Response.json({ pkgVersion: "1.50.0" });
    if (pathname === "/experimental-features") return Response.json({});
    if (pathname.startsWith("/dynamic-search-rules")) return Response.json(SWITCHED_OFF, { status: 400 });
    if (pathname === "/indexes" && request.method === "GET") {
      return Response.json({ results: indexes, offset: 0, limit: 20, total: indexes.length });
    }
    if (pathname.endsWith("/settings") && request.method === "GET") return Response.json(settings);
    if (pathname === "/keys") return Response.json({ results: [], offset: 0, limit: 20, total: 0 });
    if (pathname.endsWith("/documents/fetch")) return Response.json({ results: [], offset: 0, limit: 20, total: 0 });
    if (pathname.startsWith("/tasks/")) return Response.json(taskPage([pathname.slice("/tasks/".length)]).results[0]);
    if (pathname === "/tasks") return Response.json(taskPage((searchParams.get("uids") ?? "").split(",")));
    const answer = { taskUid: nextTask, indexUid: null, status: "enqueued", type: "x", enqueuedAt: NOW };
    nextTask += 1;
    return Response.json(answer, { status: 202 });
  },
});

const SWITCHED_OFF = {
  message: "the feature is switched off",
  code: "feature_not_enabled",
  type: "invalid_request",
  link: "",
};
const NOW = new Date().toISOString();

console.log(server.url.origin);

function taskPage(uids: readonly string[]): { readonly results: readonly object[]; readonly [name: string]: unknown } {
  const results = uids
    .filter((uid) => uid !== "")
    .map((uid) => ({
      uid: Number(uid),
      indexUid: "bench",
      status: "succeeded",
      type: "documentAdditionOrUpdate",
      details: {},
      error: null,
      duration: "PT0.1S",
      enqueuedAt: NOW,
      startedAt: NOW,
      finishedAt: NOW,
    }));
  return { results, total: results.length, limit: 20, from: 0, next: null };
}
