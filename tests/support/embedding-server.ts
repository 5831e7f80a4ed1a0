/** A small embedder on loopback for nodes whose embedder is `rest`: the same text always has the same vector. */
import { serve } from "bun";

export interface EmbeddingServer {
  readonly url: string;
  /** Every text that was to be embedded so far, oldest first. */
  readonly texts: string[];
  /** The `Authorization` headers that came with them. */
  readonly credentials: Set<string | null>;
  /** While set every request is answered with this status. */
  failsWith: number | null;
  stop(): Promise<void>;
}

export const EMBEDDING_DIMENSIONS = 8;

export function startEmbeddingServer(): EmbeddingServer {
  const texts: string[] = [];
  const credentials = new Set<string | null>();
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { input } = (await request.json()) as { readonly input: readonly string[] };
      texts.push(...input);
      credentials.add(request.headers.get("authorization"));
      if (embedder.failsWith !== null) return Response.json({ error: "no" }, { status: embedder.failsWith });
      return Response.json({ embeddings: input.map(embed) });
    },
  });
  const embedder: EmbeddingServer = {
    url: `http://127.0.0.1:${server.port}/`,
    texts,
    credentials,
    failsWith: null,
    stop: () => server.stop(true),
  };
  return embedder;
}

/** The setting of an index that uses it. */
export function restEmbedder(server: EmbeddingServer, more: object = {}): object {
  return {
    source: "rest",
    url: server.url,
    apiKey: "a-secret-key-of-the-embedder",
    dimensions: EMBEDDING_DIMENSIONS,
    request: { input: ["{{text}}", "{{..}}"] },
    response: { embeddings: ["{{embedding}}", "{{..}}"] },
    ...more,
  };
}

/** Words in common make texts near, so that a search by meaning finds something to order. */
function embed(text: string): readonly number[] {
  const vector = Array.from({ length: EMBEDDING_DIMENSIONS }, () => 0.05);
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    let hash = 7;
    for (const letter of word) hash = (hash * 31 + letter.charCodeAt(0)) % 100_003;
    vector[hash % EMBEDDING_DIMENSIONS]! += 1 + (hash % 17) / 100;
  }
  return vector;
}
