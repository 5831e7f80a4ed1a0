/**
 * What merging costs, from the nodes' answers as text to the client's answer as text, on a warm machine. The answers
 * look like the engine's: about 0.9 KB per hit with its score details and markers, less for strategies that do without.
 */
import { encodeSequence, encodeShard } from "../src/core/markers/codec.ts";
import { mergeSearch } from "../src/core/merge/merge-search.ts";
import type { MergeStrategyName } from "../src/core/merge/ranking.ts";
import type { MergeSpec } from "../src/core/merge/merge-spec.ts";
import { readNodeAnswer } from "../src/core/merge/node-answer.ts";

/**
 * `merge_3x1000_ms` is what a merge costs beyond parsing: the whole time less that of `JSON.parse` of the same answers
 * in the same run, and 0 where the merge, which parses next to nothing, is faster. The other figures are whole times.
 */
export async function benchMerge(): Promise<Record<string, number>> {
  const small: Shape = { nodes: 3, hits: 20, limit: 20, facets: false, strategy: "details", rounds: 4000 };
  const large: Shape = { ...small, hits: 1000, limit: 1000, rounds: 100 };
  const wide: Shape = { ...large, nodes: 16, rounds: 40 };
  const whole = await measure(large);
  const parsing = await measureParse(large);
  const figures: Record<string, number> = {
    merge_3x20_ms: await measure(small),
    merge_3x20_parse_ms: await measureParse(small),
    merge_3x20_facets_ms: await measure({ ...small, facets: true, rounds: 2000 }),
    merge_3x1000_ms: Math.max(0, whole - parsing),
    merge_3x1000_whole_ms: whole,
    merge_3x1000_parse_ms: parsing,
    merge_3x1000_facets_whole_ms: await measure({ ...large, facets: true }),
    merge_16x1000_whole_ms: await measure(wide),
    merge_16x1000_facets_whole_ms: await measure({ ...wide, facets: true }),
  };
  // `dfs` merges like `details`.
  for (const strategy of ["score", "rrf"] as const) {
    figures[`merge_3x20_${strategy}_ms`] = await measure({ ...small, strategy });
    figures[`merge_3x20_${strategy}_facets_ms`] = await measure({ ...small, strategy, facets: true, rounds: 2000 });
    figures[`merge_3x1000_${strategy}_whole_ms`] = await measure({ ...large, strategy });
    figures[`merge_16x1000_${strategy}_whole_ms`] = await measure({ ...wide, strategy });
  }
  return figures;
}

interface Shape {
  readonly nodes: number;
  readonly hits: number;
  readonly limit: number;
  readonly facets: boolean;
  readonly strategy: MergeStrategyName;
  readonly rounds: number;
}

/** The median of the second half of the rounds; the first half warms up. */
async function measure(shape: Shape): Promise<number> {
  const bodies = answerBodies(shape);
  const spec: MergeSpec = {
    paging: { mode: "offset", offset: 0, limit: shape.limit },
    maxTotalHits: 1000,
    view: { keepDetails: false, hasDerivedFields: false, dropFields: [], displayed: null },
    distinct: null,
    facets: shape.facets ? { valuesMax: 100, orderOf: () => "alpha" } : null,
    ranking: { strategy: shape.strategy, rrfK: 60 },
  };
  return medianMs(shape.rounds, bodies, (texts) => {
    const answers = texts.map((text) => readNodeAnswer(text)!);
    const merged = mergeSearch({ answers, spec, requestUid: "bench", metadata: null, withoutThreshold: null });
    if (merged.kind !== "merged" || merged.hits !== shape.limit) throw new TypeError("the merge fills the page");
    return merged.text.length;
  });
}

/** For comparison: nothing but `JSON.parse` of the same answers. */
function measureParse(shape: Shape): Promise<number> {
  return medianMs(shape.rounds, answerBodies(shape), (texts) => {
    let hits = 0;
    for (const text of texts) hits += (JSON.parse(text) as { hits: unknown[] }).hits.length;
    return hits;
  });
}

async function medianMs(
  rounds: number,
  bodies: readonly Blob[],
  work: (texts: readonly string[]) => number,
): Promise<number> {
  const timesMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // A fresh text each time, as the network would bring it: nothing is known about it yet.
    const texts = await Promise.all(bodies.map((body) => body.text()));
    const start = performance.now();
    work(texts);
    timesMs.push(performance.now() - start);
  }
  const warm = timesMs.slice(rounds / 2).sort((a, b) => a - b);
  return warm[Math.floor(warm.length / 2)]!;
}

function answerBodies(shape: Shape): readonly Blob[] {
  return Array.from({ length: shape.nodes }, (_, node) => new Blob([answerText(shape, node)]));
}

function answerText({ nodes, hits, facets, strategy }: Shape, node: number): string {
  const list = Array.from({ length: hits }, (_, i) => hitText(i * nodes + node, i / hits, strategy));
  const distribution = Array.from({ length: 200 }, (_, i) => `"genre ${i}":${(i * 7 + node) % 40}`).join(",");
  const facetText = facets ? `,"facetDistribution":{"genre":{${distribution}}},"facetStats":{}` : "";
  return `{"hits":[${list.join(",")}],"query":"mountain","processingTimeMs":1,"limit":20,"offset":0,"estimatedTotalHits":${hits}${facetText},"requestUid":"0199b4a5-6a3a-7f42-bb8f-7b2f0b2e3c1d"}`;
}

/** `depth`: how far down in its list, from 0 to 1. */
function hitText(id: number, depth: number, strategy: MergeStrategyName): string {
  const overview = `A story of number ${id}. ${"The river runs below the mountain and nobody knows why. ".repeat(6)}`;
  const score = 1 - depth / 2;
  return JSON.stringify({
    id,
    title: `The mountain ${id}`,
    overview,
    genres: ["Drama", "Adventure"],
    poster: `https://images.test/posters/${id}.jpg`,
    release_date: 1_000_000_000 + id,
    _miroir_shard: encodeShard(id % 64),
    _miroir_seq: encodeSequence(BigInt(id)),
    ...(strategy === "score" ? { _rankingScore: score } : {}),
    ...(strategy === "details" ? { _rankingScoreDetails: detailsOf(id, score) } : {}),
  });
}

function detailsOf(id: number, score: number): object {
  return {
    words: { order: 0, matchingWords: 1, maxMatchingWords: 1, score: 1 },
    typo: { order: 1, typoCount: 0, maxTypoCount: 1, score: 1 },
    proximity: { order: 2, score: 1 },
    attributeRank: { order: 3, score },
    wordPosition: { order: 4, score: 0.9 },
    exactness: { order: 5, matchType: "noExactMatch", matchingWords: 1, maxMatchingWords: 1, score: 0.33 },
    "_miroir_seq:asc": { order: 6, value: encodeSequence(BigInt(id)) },
  };
}
