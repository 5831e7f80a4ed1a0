/**
 * What a search over three nodes costs at the very least in this runtime: fetch three answers, parse them, merge by
 * score details, serialise. No plan, no retry, no limits, no metrics. The router is measured against this.
 */
const [key, body, ...nodes] = process.argv.slice(2);

interface Hit {
  readonly _rankingScoreDetails?: Readonly<Record<string, { readonly order: number; readonly score?: number }>>;
}
interface NodeAnswer {
  readonly hits: readonly Hit[];
  readonly estimatedTotalHits: number;
}

const headers = { "accept-encoding": "identity", "content-type": "application/json", authorization: `Bearer ${key}` };

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  async fetch(request) {
    await request.json();
    const answers = await Promise.all(
      nodes.map(async (node): Promise<NodeAnswer> => {
        const answer = await fetch(node, { method: "POST", headers, ...(body === undefined ? {} : { body }) });
        return (await answer.json()) as NodeAnswer;
      }),
    );
    const hits = answers.flatMap((answer) => answer.hits).sort((a, b) => score(b) - score(a));
    const total = answers.reduce((sum, answer) => sum + answer.estimatedTotalHits, 0);
    return Response.json({ ...answers[0], hits: hits.slice(0, 20), estimatedTotalHits: total });
  },
});

console.log(server.url.origin);

function score(hit: Hit): number {
  let sum = 0;
  for (const detail of Object.values(hit._rankingScoreDetails ?? {})) sum += (detail.score ?? 0) / (1 + detail.order);
  return sum;
}
