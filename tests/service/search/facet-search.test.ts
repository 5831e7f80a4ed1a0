import { describe, expect, test } from "bun:test";

import { facetSearch, type FacetSearchResult } from "../../../src/services/search/facet-search.ts";
import { answered, refused, unavailable } from "../../support/fake-node-client.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createFleet, sentText, shardsAsked, type Fleet, type FleetOptions } from "./fake-fleet.ts";

/** a holds shards 0 and 2, b holds 1 and 3; every shard has one owner. */
const owners: FleetOptions["owners"] = [[["a"], ["b"], ["a"], ["b"]]];
const HELD: Readonly<Record<string, readonly number[]>> = { a: [0, 2], b: [1, 3] };
const PATH = "/indexes/films/facet-search";

type Hits = readonly { readonly value: string; readonly count: number }[];

function ask(fleet: Fleet, parameters: object, forcedFilter?: unknown): Promise<FacetSearchResult> {
  const judgement = { method: "POST", path: PATH, body: JSON.stringify(parameters) } as const;
  const input = { indexUid: "films", parameters, judgement, forcedFilter };
  return facetSearch(fleet.deps, input, new AbortController().signal);
}

async function hitsOf(fleet: Fleet, parameters: object): Promise<Hits> {
  return (JSON.parse((await ask(fleet, parameters)).text) as { readonly facetHits: Hits }).facetHits;
}

/** Every shard has one drama. */
function fleetOf(options: Partial<FleetOptions> = {}): Fleet {
  const fleet = createFleet({ owners, ...options });
  for (const node of Object.values(fleet.nodes)) {
    node.answerWith((request) => {
      const count = shardsAsked(request, HELD[node.nodeId] ?? [0, 1, 2, 3]).length;
      return answered(node.nodeId, facets([{ value: "drama", count }]));
    });
  }
  return fleet;
}

function facets(facetHits: Hits): object {
  return { facetHits, facetQuery: null, processingTimeMs: 4 };
}

function bodies(fleet: Fleet): readonly Readonly<Record<string, unknown>>[] {
  return Object.values(fleet.nodes).flatMap((node) =>
    node.sent.map((request) => JSON.parse(sentText(request)) as Record<string, unknown>),
  );
}

test("counts of all shards are added, each shard counted once", async () => {
  const { text, missingShards, nodesAsked } = await ask(fleetOf(), { facetName: "genre", facetQuery: "dr" });
  expect(JSON.parse(text)).toEqual({
    facetHits: [{ value: "drama", count: 4 }],
    facetQuery: "dr",
    processingTimeMs: 4,
  });
  expect({ missingShards, nodesAsked }).toEqual({ missingShards: [], nodesAsked: 2 });
  // Both owners hold all four shards here, and are told which of them they answer for.
  const doubled = fleetOf({
    owners: [
      [
        ["c", "d"],
        ["c", "d"],
        ["c", "d"],
        ["c", "d"],
      ],
    ],
  });
  expect(await hitsOf(doubled, { facetName: "genre" })).toEqual([{ value: "drama", count: 4 }]);
});

test("what a facet search does not know is not passed on, and the caller's own filter is joined", async () => {
  const fleet = fleetOf();
  await ask(fleet, { facetName: "genre", limit: 3, nonsense: true, filter: "year = 1" }, "group = 7");
  const asked = bodies(fleet).filter(({ filter }) => filter !== undefined);
  expect(asked).toHaveLength(2);
  for (const body of asked) expect(body).toEqual({ facetName: "genre", filter: ["year = 1", "group = 7"] });
});

describe("a spelling that nodes disagree about", () => {
  const settled = (sequences: Readonly<Record<string, string>>): Fleet => {
    const fleet = createFleet({ owners });
    for (const [nodeId, value] of [
      ["a", "Drama"],
      ["b", "drama"],
    ] as const) {
      fleet.nodes[nodeId]!.answerWith((request) =>
        request.path.endsWith("/documents/fetch")
          ? answered(nodeId, { results: [{ _miroir_seq: sequences[nodeId] }], offset: 0, limit: 1, total: 1 })
          : answered(nodeId, facets([{ value, count: 1 }])),
      );
    }
    return fleet;
  };

  test("is that of the first document, which is asked for", async () => {
    expect(await hitsOf(settled({ a: "‡", b: "†" }), { facetName: "genre" })).toEqual([{ value: "drama", count: 2 }]);
    expect(await hitsOf(settled({ a: "†", b: "‡" }), { facetName: "genre" })).toEqual([{ value: "Drama", count: 2 }]);
  });

  test("may be that of a document which the search leaves out", async () => {
    const fleet = createFleet({ owners });
    fleet.nodes["a"]!.answerWith((request) => {
      if (request.path.endsWith("/documents/fetch"))
        return answered("a", '{"results":[{"_miroir_seq":"†"}],"offset":0}');
      const narrowed = sentText(request).includes('"filter"');
      return answered("a", facets(narrowed ? [] : [{ value: "DRAMA", count: 1 }]));
    });
    fleet.nodes["b"]!.answerWith((request) =>
      request.path.endsWith("/documents/fetch")
        ? answered("b", '{"results":[{"_miroir_seq":"‡"}],"offset":0}')
        : answered("b", facets([{ value: "drama", count: 1 }])),
    );
    expect(await hitsOf(fleet, { facetName: "genre", filter: "year = 1" })).toEqual([{ value: "DRAMA", count: 1 }]);
    expect(await hitsOf(fleet, { facetName: "genre" })).toEqual([{ value: "DRAMA", count: 2 }]);
  });
});

describe("a threshold", () => {
  const thresholded = (found: number): Fleet => {
    const fleet = createFleet({ owners });
    for (const node of Object.values(fleet.nodes)) {
      node.answerWith((request) => {
        if (request.path.endsWith("/facet-search"))
          return answered(node.nodeId, facets([{ value: "drama", count: 1 }]));
        const hits = Array.from({ length: found }, (_, id) => ({ id }));
        return answered(node.nodeId, { hits, query: "", processingTimeMs: 1, estimatedTotalHits: found });
      });
    }
    return fleet;
  };
  const asks = (fleet: Fleet): boolean =>
    bodies(fleet).some((body) => "facetName" in body && "rankingScoreThreshold" in body);
  const request = { facetName: "genre", q: "x", rankingScoreThreshold: 0.5 };

  test("counts as long as fewer documents are above it than a page has", async () => {
    const fleet = thresholded(9);
    await ask(fleet, request);
    expect(asks(fleet)).toBe(true);
  });

  test("is passed over once they fill the page, as the engine looks no further", async () => {
    const fleet = thresholded(10);
    await ask(fleet, request);
    expect(asks(fleet)).toBe(false);
    const exhaustive = thresholded(10);
    await ask(exhaustive, { ...request, exhaustiveFacetCount: true });
    expect(asks(exhaustive)).toBe(true);
  });
});

test("an answer that lacks shards names them, and none at all is an error", async () => {
  const fleet = fleetOf({ policy: { unavailableShards: "partial" } });
  fleet.nodes["b"]!.answerWith(() => unavailable("b", "timeout"));
  const { text, missingShards } = await ask(fleet, { facetName: "genre" });
  expect(JSON.parse(text)).toMatchObject({ facetHits: [{ value: "drama", count: 2 }] });
  expect(missingShards).toEqual([1, 3]);
  expect(fleet.events).toContain("read.degraded");
  fleet.nodes["a"]!.down = true;
  expect(await rejectionOf(ask(fleet, { facetName: "genre" }))).toMatchObject({ code: "miroir_shard_unavailable" });
});

test("garbage is asked from another owner", async () => {
  const fleet = fleetOf({ owners: [[["a", "c"], ["b"], ["a", "c"], ["b"]]] });
  fleet.nodes["a"]!.answerWith(() => answered("a", '{"facetHits":[{"value":7}],"processingTimeMs":1}'));
  fleet.nodes["c"]!.answerWith((request) => {
    const count = shardsAsked(request, [0, 2]).length;
    return answered("c", facets([{ value: "drama", count }]));
  });
  for (let turn = 0; turn < 3; turn++) {
    expect(await hitsOf(fleet, { facetName: "genre", facetQuery: String(turn) })).toEqual([
      { value: "drama", count: 4 },
    ]);
  }
});

test("only the shards of keys that a filter pins are asked", async () => {
  const fleet = fleetOf();
  await ask(fleet, { facetName: "genre", filter: "id = 1" });
  expect(bodies(fleet).filter(({ filter }) => filter !== undefined)).toHaveLength(1);
});

test("nodes are never told the name of a marker, and the client reads the name it wrote", async () => {
  const relayed: string[] = [];
  const message = (name: string): string => `Attribute \`${name}\` is not facet-searchable.`;
  const fleet = fleetOf({
    relay: ({ body }) => {
      relayed.push(String(body));
      return Promise.resolve(answered("r", {}));
    },
  });
  for (const node of Object.values(fleet.nodes)) {
    node.answerWith((request) => {
      const { facetName } = JSON.parse(sentText(request)) as { readonly facetName: string };
      return refused(node.nodeId, 400, "invalid_facet_search_facet_name", message(facetName));
    });
  }
  expect(await rejectionOf(ask(fleet, { facetName: "_miroir_shard" }))).toMatchObject({
    message: message("_miroir_shard"),
  });
  for (const body of bodies(fleet)) expect(body["facetName"]).not.toBe("_miroir_shard");
});

test("a body that cannot be read is refused in a node's words", async () => {
  const fleet = fleetOf({
    relay: () => Promise.resolve(refused("r", 400, "missing_facet_search_facet_name", "no name")),
  });
  expect(await rejectionOf(ask(fleet, {}))).toMatchObject({ code: "missing_facet_search_facet_name" });
  expect(bodies(fleet)).toEqual([]);
});
