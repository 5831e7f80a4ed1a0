/** The judge of the differential machine believes nodes, and Miroir only what a node has printed. */
import { expect, test } from "bun:test";

import { parseExact } from "../../differential/exact-json.ts";
import { judgeSearch } from "../../differential/judge-search.ts";
import { rawDetails } from "../../differential/raw-details.ts";
import type { Witness } from "../../differential/witness.ts";

/** By id how near to each other the words stand. */
type Judged = readonly (readonly [id: number, proximity: number])[];

function answerOf(judged: Judged): ReturnType<typeof parseExact> {
  const hits = judged.map(([id, score]) => ({ id, _rankingScoreDetails: { proximity: { order: 0, score } } }));
  return parseExact(JSON.stringify({ hits, estimatedTotalHits: hits.length }));
}

function hitsOf(judged: Judged): readonly ReturnType<typeof parseExact>[] {
  return judged.map(([id, score]) => parseExact(JSON.stringify(hit(id, score))));
}

function hit(id: number, score: number): object {
  return { id, _rankingScoreDetails: { proximity: { order: 0, score } } };
}

function detailsOf(judged: Judged): Map<string, string> {
  return new Map(judged.map(([id, score]) => [String(id), rawDetails(parseExact(JSON.stringify(hit(id, score))))]));
}

function setsOf(judged: Judged): Map<string, Set<string>> {
  return new Map([...detailsOf(judged)].map(([id, details]) => [id, new Set([details])]));
}

const SINGLE: Judged = [
  [1, 0.5],
  [2, 0.25],
];
const MIROIR: Judged = [
  [2, 0.75],
  [1, 0.5],
];

interface Asked {
  readonly miroir?: Judged;
  readonly ofShares?: Judged;
  /** How good a node finds document 2 without the threshold; the single node finds it good enough. */
  readonly score?: number;
  /** Found by the single node when asked about them alone. */
  readonly unlisted?: readonly string[];
}

/** Alone, and with all that a node holds, document 2 is judged as the single node does. */
async function verdict({ miroir = MIROIR, ofShares = [], score = 1, unlisted = [] }: Asked): Promise<string> {
  const witness: Witness = {
    single: () => Promise.resolve(hitsOf(SINGLE)),
    miroirUnlike: () => Promise.resolve(hitsOf(miroir)),
    wideSingle: () => Promise.resolve(hitsOf(SINGLE)),
    wideMiroir: () => Promise.resolve(hitsOf(miroir)),
    printedByNode: () => Promise.resolve(true),
    detailsAtSingle: () => Promise.resolve(detailsOf(SINGLE)),
    detailsBehindAtSingle: () => Promise.resolve(new Map()),
    unlistedAtSingle: (_body, _list, ids) => Promise.resolve(ids.filter((id) => unlisted.includes(id))),
    detailsAtNodes: () => Promise.resolve(setsOf(SINGLE)),
    wideDetailsAtNodes: () => Promise.resolve(setsOf(SINGLE)),
    wideDetailsOfShares: () => Promise.resolve(setsOf(ofShares)),
    scores: () => Promise.resolve({ single: new Map([["2", [0.6]]]), nodes: new Map([["2", [score]]]) }),
  };
  const nothing = { number: false, text: false };
  const judged = await judgeSearch({
    left: answerOf(SINGLE),
    right: answerOf(miroir),
    body: { q: "red", rankingScoreThreshold: 0.5 },
    witness,
    facets: {
      valuesMax: 100,
      byCount: () => false,
      mixed: () => false,
      truth: () => Promise.resolve(0),
      kinds: () => Promise.resolve(nothing),
    },
    distinct: false,
    named: () => Promise.resolve(null),
    excuse: () => Promise.resolve(null),
  });
  return judged.verdict;
}

test("a document stands elsewhere because of its node only if that node prints what Miroir did", async () => {
  expect(await verdict({ ofShares: [[2, 0.75]] })).toBe("engine_local");
  expect(await verdict({ ofShares: [[2, 0.6]] })).toBe("different");
  expect(await verdict({ ofShares: [[1, 0.75]] })).toBe("different");
  expect(await verdict({})).toBe("different");
});

test("a document lacks because of a threshold only if its node does not find it good enough", async () => {
  const miroir = MIROIR.slice(1);
  expect(await verdict({ miroir, score: 0.4 })).toBe("engine_local");
  expect(await verdict({ miroir, score: 0.5 })).toBe("different");
});

test("a document that the single node lists nowhere is its own fault only if it finds it alone", async () => {
  const miroir: Judged = [...SINGLE, [3, 0.1]];
  expect(await verdict({ miroir, unlisted: ["3"] })).toBe("engine_local");
  expect(await verdict({ miroir })).toBe("different");
});
