/**
 * A process that stands in front of nodes and answers repeated searches from memory, so that a bench measures the
 * router and not the nodes. Started with one address per node; prints its own addresses, one JSON line.
 */
const upstreams = process.argv.slice(2);
const ANSWERS_MAX = 1_000;

const servers = upstreams.map((upstream) => {
  const answers = new Map<string, string>();
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = request.method === "GET" ? undefined : await request.text();
      const isSearch = pathname.endsWith("/search");
      const known = isSearch ? answers.get(body ?? "") : undefined;
      if (known !== undefined) return jsonText(known, 200);
      const answer = await fetch(upstream + pathname + search, {
        method: request.method,
        headers: {
          "accept-encoding": "identity",
          "content-type": request.headers.get("content-type") ?? "application/json",
          authorization: request.headers.get("authorization") ?? "",
        },
        ...(body === undefined || body === "" ? {} : { body }),
      });
      const text = await answer.text();
      if (isSearch && answer.ok && answers.size < ANSWERS_MAX) answers.set(body ?? "", text);
      return jsonText(text, answer.status);
    },
  });
});

console.log(JSON.stringify(servers.map((server) => server.url.origin)));

function jsonText(text: string, status: number): Response {
  return new Response(status === 204 ? null : text, { status, headers: { "content-type": "application/json" } });
}
