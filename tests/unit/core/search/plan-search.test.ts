import { describe, expect, test } from "bun:test";

import { shardFilter } from "../../../../src/core/markers/codec.ts";
import { shardOf } from "../../../../src/core/routing/shard-of.ts";
import { nodeBody } from "../../../../src/core/search/search-plan.ts";
import { readSearchRequest } from "../../../../src/core/search/search-request.ts";
import { bodies, plan, planned } from "./planned-search.ts";

describe("what nodes are asked", () => {
  test("everything up to the end of the page, with score details", () => {
    expect(bodies(plan({ q: "x", offset: 40, limit: 20 }))[0]).toMatchObject({
      q: "x",
      offset: 0,
      limit: 60,
      showRankingScoreDetails: true,
    });
  });

  test("no more than the client may page through", () => {
    expect(bodies(plan({ offset: 990, limit: 500 }))[0]).toMatchObject({ limit: 1000 });
    expect(bodies(plan({ limit: 500 }, { pagination: { maxTotalHits: 7 } }))[0]).toMatchObject({ limit: 7 });
  });

  test("page mode stays page mode, so that totals are exhaustive", () => {
    const [body] = bodies(plan({ page: 3, hitsPerPage: 10, limit: 5 }));
    expect(body).toMatchObject({ page: 1, hitsPerPage: 30 });
    expect(body).not.toHaveProperty("limit");
  });

  test("a node that answers for all it holds needs no filter, another is told its shards", () => {
    const made = plan({ q: "x" });
    const filters = Object.fromEntries(
      made.cover.parts.map((part, i) => [part.nodeId, [part.shards, bodies(made)[i]!["filter"]]]),
    );
    expect(Object.values(filters).some(([, filter]) => filter === undefined)).toBe(true);
    for (const part of made.cover.parts) {
      if (!part.complete)
        expect(JSON.stringify(filters[part.nodeId])).toContain(JSON.stringify(shardFilter(part.shards)).slice(1, -1));
    }
  });

  test("the filters of the client, of its token and of the shards all hold", () => {
    const made = plan({ filter: "a = 1 OR b = 2" }, {}, { forced: ["tenant = 7"] });
    const part = { nodeId: "b", shards: [2, 3], complete: false };
    const { filter } = JSON.parse(nodeBody(made.query, part)) as { filter: unknown };
    expect(filter).toEqual(["a = 1 OR b = 2", "tenant = 7", shardFilter([2, 3])]);
  });

  test("parameters the router does not know the meaning of are passed through", () => {
    const passed = { locales: ["fra"], cropLength: 3, matchingStrategy: "all", highlightPreTag: "<b>" };
    expect(bodies(plan(passed))[0]).toMatchObject(passed);
  });
});

test("all pages of a query have one fingerprint, and another query another", () => {
  const first = plan({ q: "x", limit: 20 }).fingerprint;
  expect(plan({ q: "x", limit: 5, offset: 100 }).fingerprint).toBe(first);
  expect(plan({ q: "y", limit: 20 }).fingerprint).not.toBe(first);
  expect(plan({ q: "x", filter: "a = 1" }).fingerprint).not.toBe(first);
});

test("a filter on the primary key asks only the shards of those keys", () => {
  const shards = [...new Set([shardOf("5", 4), shardOf("7", 4)])].sort((a, b) => a - b);
  expect(
    plan({ filter: "id IN [5, 7] AND year > 3" })
      .cover.parts.flatMap((part) => part.shards)
      .sort((a, b) => a - b),
  ).toEqual(shards);
  expect(plan({ filter: "id = 5 OR year > 3" }).shards).toBeUndefined();
});

describe("displayed attributes are applied in the request, since nodes display everything", () => {
  const settings = { displayedAttributes: ["id", "a.b", "title"] };

  test.each([
    [undefined, ["id", "a.b", "title"]],
    [["*"], ["id", "a.b", "title"]],
    [["title", "secret"], ["title"]],
    [["a"], []],
    [["a.b.c"], []],
    [
      ["a.b", "id", "a.b"],
      ["a.b", "id"],
    ],
    [["secret"], []],
  ])("retrieving %p asks for %p", (attributesToRetrieve, expected) => {
    const body = attributesToRetrieve === undefined ? {} : { attributesToRetrieve };
    expect(bodies(plan(body, settings))[0]).toMatchObject({ attributesToRetrieve: expected });
  });

  test("highlighting and cropping too", () => {
    const asked = { attributesToHighlight: ["*"], attributesToCrop: ["title:5", "secret:3", "a.b.c", "a", "*:2"] };
    expect(bodies(plan(asked, settings))[0]).toMatchObject({
      attributesToHighlight: ["id", "a.b", "title"],
      attributesToCrop: ["title:5", "id:2", "a.b:2", "title:2"],
    });
  });
});

describe("vectors", () => {
  const body = { retrieveVectors: true };

  test.each([
    [["id"], undefined, undefined],
    [["id", "_vectors"], undefined, true],
    [["*"], undefined, true],
    [["id"], { own: { source: "userProvided", dimensions: 2 } }, true],
  ])("displaying %p with embedders %p asks for them: %p", (displayedAttributes, embedders, expected) => {
    const settings = { displayedAttributes, ...(embedders === undefined ? {} : { embedders }) };
    expect(bodies(plan(body, settings))[0]?.["retrieveVectors"]).toBe(expected);
  });
});

test.each([
  ["cropLength", "5"],
  ["cropMarker", 5],
  ["highlightPreTag", null],
  ["highlightPostTag", {}],
  ["matchingStrategy", "some"],
  ["locales", "eng"],
])("a node judges %s %p", (parameter, value) => {
  expect(readSearchRequest({ q: "a", [parameter]: value })).toEqual({ kind: "judge", parameter });
});

test.each([{}, { embedder: 5 }, { embedder: "e", other: 1 }])("a node judges the hybrid parameter %p", (hybrid) => {
  expect(readSearchRequest({ hybrid, q: "a" })).toEqual({ kind: "judge", parameter: "hybrid" });
});

describe("distinct", () => {
  test("the attribute is retrieved for the merge and dropped again", () => {
    const made = plan({ distinct: "group", attributesToRetrieve: ["id"] });
    expect(bodies(made)[0]).toMatchObject({ attributesToRetrieve: ["id", "group"] });
    expect(made.merge.view).toMatchObject({ dropFields: ["group"], cutFormatted: "group" });
  });

  test("it is dropped of what is formatted as well where everything is marked that is displayed", () => {
    for (const marks of [{ attributesToHighlight: ["*"] }, { attributesToCrop: ["*:3"] }]) {
      const made = plan({ distinct: "group", ...marks }, { displayedAttributes: ["id"] });
      expect(made.merge.view).toMatchObject({ dropFields: ["group"], cutFormatted: "group" });
    }
  });

  test("of a point that only the merge needed the distance goes as well", () => {
    const dropped = (distinct: string, attributesToRetrieve: readonly string[]): unknown =>
      plan({ distinct, attributesToRetrieve }).merge.view.dropFields;
    expect(dropped("_geo", ["id"])).toEqual(["_geo", "_geoDistance"]);
    expect(dropped("_geo.lat", ["id"])).toEqual(["_geo", "_geo.lat", "_geoDistance"]);
    expect(dropped("_geo.lat", ["_geo.lng"])).toEqual(["_geoDistance"]);
    expect(dropped("_geo", ["_geo"])).toEqual([]);
  });

  test.each([
    [["*"], undefined],
    [["group.name"], undefined],
    [["group.size"], "group.name"],
    [["title"], "group"],
  ])("of what is formatted with %p marked %p is dropped", (attributesToHighlight, cutFormatted) => {
    const made = plan({ distinct: "group.name", attributesToRetrieve: ["id"], attributesToHighlight });
    expect(made.merge.view).toMatchObject({
      dropFields: ["group", "group.name"],
      ...(cutFormatted ? { cutFormatted } : {}),
    });
    expect("cutFormatted" in made.merge.view).toBe(cutFormatted !== undefined);
  });

  test.each([
    [["group"], ["group.name", "group.name.short"], undefined],
    [["group.name"], ["group.name.short"], undefined],
    [["group"], ["group.name", "group.name.short"], ["group.name.short"]],
    [["title"], ["group", "group.name", "group.name.short"], ["group"]],
    [["group.name.short"], [], ["group"]],
    [["*"], [], undefined],
  ])("retrieving %p the attribute is asked for by its name, and %p are dropped", (shown, dropFields, marks) => {
    const named = shown.includes("*") || shown.includes("group.name.short");
    const made = plan({
      distinct: "group.name.short",
      attributesToRetrieve: shown,
      attributesToHighlight: marks ?? null,
    });
    const asked = named ? shown : [...shown, "group.name.short"];
    expect(bodies(made)[0]).toMatchObject({ attributesToRetrieve: asked });
    expect(made.merge.view.dropFields).toEqual(dropFields);
    const marksAll = marks === undefined ? named : marks.includes("group.name.short");
    const hidden = named || marksAll ? [] : dropFields.filter((name) => name !== "group");
    expect(made.merge.view.dropFormatted ?? []).toEqual(hidden);
  });

  test("a point is no value that could be counted, and a facet by a pattern is the client's own", () => {
    const settings = { filterableAttributes: ["group", "_geo"] };
    expect(plan({ distinct: "_geo", page: 1 }, settings).merge.distinct?.counted).toBe(false);
    const made = plan({ distinct: "group", page: 1, facets: ["*oup"] }, settings);
    expect(made.merge.distinct?.ownFacet).toBeNull();
  });

  test("the first element that means an attribute says whether documents can be chosen by its values", () => {
    const comparable = { attributePatterns: ["gr*"], features: { filter: { equality: false, comparison: true } } };
    const filterable = (...filterableAttributes: unknown[]): boolean | undefined =>
      plan({ distinct: "group.a" }, { filterableAttributes }).merge.distinct?.filterable;
    expect(filterable("group")).toBe(true);
    expect(filterable("*")).toBe(false);
    expect(filterable(comparable, "group")).toBe(false);
    expect(filterable("group", comparable)).toBe(true);
    expect(filterable({ attributePatterns: ["*p.a"] })).toBe(true);
  });

  test("of a search by meaning alone pages are counted where a threshold makes the engine look at everything", () => {
    const settings = { filterableAttributes: ["group"] };
    const near = { distinct: "group", vector: [1], hybrid: { embedder: "e", semanticRatio: 1 }, page: 1 };
    expect(plan(near, settings).merge.distinct).toMatchObject({ counted: false, estimated: true });
    const good = plan({ ...near, rankingScoreThreshold: 0.5 }, settings).merge.distinct;
    expect(good?.counted).toBe(true);
    expect(good?.estimated).toBeUndefined();
    // It stops at the last hit that can be paged all the same.
    const last = { ...settings, pagination: { maxTotalHits: 20 } };
    expect(plan({ ...near, rankingScoreThreshold: 0.5 }, last).merge.distinct?.counted).toBe(false);
  });

  test("the index's own attribute counts when the request names none", () => {
    expect(plan({}, { distinctAttribute: "group" }).merge.distinct?.field).toBe("group");
  });

  test("in page mode the nodes count its values, and that facet is not the client's", () => {
    const made = plan({ distinct: "group", page: 1, facets: ["genre"] }, { filterableAttributes: ["group", "genre"] });
    expect(bodies(made)[0]).toMatchObject({ facets: ["genre", "group"] });
    expect(made.merge.distinct).toEqual({
      field: "group",
      requested: true,
      looksTwice: true,
      filterable: true,
      counted: true,
      ownFacet: { field: "group", asked: ["genre"] },
    });
  });

  test("what could not be cut out again is refused", () => {
    expect(planned({ distinct: "a.b", attributesToRetrieve: ["a.b.c"] }).kind).toBe("unsupported");
  });
});

test("a score threshold asks for the same without it, since a full page is counted so", () => {
  const made = plan({ q: "x", rankingScoreThreshold: 0.5, facets: ["a"] });
  expect(JSON.parse(made.query.withoutThreshold!)).toMatchObject({ q: "x", limit: 0, facets: ["a"] });
  expect(made.query.withoutThreshold).not.toContain("rankingScoreThreshold");
  expect(plan({ q: "x", rankingScoreThreshold: 0.5, page: 1 }).query.withoutThreshold).toBeNull();
});

test.each([
  [{ q: "x", hybrid: { embedder: "e", semanticRatio: 0 } }, "plan"],
  [{ q: "x", hybrid: { embedder: "e", semanticRatio: 1 } }, "plan"],
  [{ hybrid: { embedder: "e" } }, "plan"],
  [{ vector: [1], hybrid: { embedder: "e" } }, "plan"],
])("%p: %s", (body, kind) => {
  expect(planned(body).kind).toBe(kind as "plan");
});
