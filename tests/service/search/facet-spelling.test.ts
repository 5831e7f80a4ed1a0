import { describe, expect, test } from "bun:test";

import { answered, unavailable } from "../../support/fake-node-client.ts";
import { createFleet, searchAnswer, type Fleet } from "./fake-fleet.ts";

describe("a facet value that shards spell differently", () => {
  const spelled = (): Fleet => {
    const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]] });
    for (const [nodeId, value, sequence] of [
      ["a", "Drama", "‡"],
      ["b", "DRAMA", "†"],
    ] as const) {
      fleet.nodes[nodeId]!.answerWith((request) => {
        if (request.path.endsWith("/documents/fetch"))
          return answered(nodeId, { results: [{ _miroir_seq: sequence }] });
        return answered(nodeId, { ...searchAnswer([]), facetDistribution: { g: { [value]: 2 } }, facetStats: {} });
      });
    }
    return fleet;
  };
  const facets = async (fleet: Fleet): Promise<unknown> => {
    const { text } = await fleet.search({ facets: ["g"], filter: "year > 3" });
    return (JSON.parse(text) as { facetDistribution: unknown }).facetDistribution;
  };

  test("is shown as the document inserted first spells it", async () => {
    const fleet = spelled();
    expect(await facets(fleet)).toEqual({ g: { DRAMA: 4 } });
    const { filter } = JSON.parse(fleet.nodes["b"]!.sent[1]!.body as string) as { filter: unknown };
    expect(JSON.stringify(filter)).toContain("year > 3");
    expect(filter).toContain('"g" = "DRAMA"');
  });

  test("is shown as the first of the documents that the query meets spells it", async () => {
    const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]] });
    for (const [nodeId, value, sequences] of [
      ["a", "Drama", ["‡‡", "†‡"]],
      ["b", "DRAMA", ["‡†"]],
    ] as const) {
      fleet.nodes[nodeId]!.answerWith((request) => {
        const hits = sequences.map((sequence) => ({ _miroir_seq: sequence }));
        if (request.operation === "facet.spelling") return answered(nodeId, { ...searchAnswer([]), hits });
        return answered(nodeId, { ...searchAnswer([]), facetDistribution: { g: { [value]: 2 } }, facetStats: {} });
      });
    }
    const { text } = await fleet.search({ facets: ["g"], q: "dragon", matchingStrategy: "all", limit: 3 });
    expect(JSON.parse(text)).toMatchObject({ facetDistribution: { g: { Drama: 4 } } });
    const asked = fleet.nodes["b"]!.sent[1]!;
    expect(asked.path).toBe("/indexes/films/search");
    expect(JSON.parse(asked.body as string)).toMatchObject({ q: "dragon", matchingStrategy: "all" });
  });

  test("is shown somehow when that cannot be found out", async () => {
    const fleet = spelled();
    const node = fleet.nodes["b"]!;
    const whole = node.sent.length;
    node.answerWith((request) =>
      request.path.endsWith("/documents/fetch")
        ? unavailable("b", "timeout")
        : answered("b", { ...searchAnswer([]), facetDistribution: { g: { DRAMA: 2 } }, facetStats: {} }),
    );
    expect(await facets(fleet)).toEqual({ g: { Drama: 4 } });
    expect(node.sent.length).toBe(whole + 2);
  });
});
