/** Parts of the filter language that only work with an experimental feature switched on. */
import type { Filter, Word } from "./filter-ast.ts";
import { filterError } from "./filter-reader.ts";

export function checkFeatures(filter: Filter, isEnabled: (feature: string) => boolean): void {
  for (const leaf of leaves(filter)) {
    const gate = gateOf(leaf);
    if (gate === null || isEnabled(gate.feature)) continue;
    throw filterError(
      `${gate.action} requires enabling the \`${gate.name}\` experimental feature. See https://github.com/orgs/meilisearch/discussions/${gate.discussion}`,
      gate.word,
      gate.source,
      "feature_not_enabled",
    );
  }
}

/** The conditions of a filter, in the order in which they stand. */
export function* leaves(filter: Filter): Generator<Filter> {
  if (filter.kind === "and" || filter.kind === "or") for (const part of filter.parts.toReversed()) yield* leaves(part);
  else if (filter.kind === "not") yield* leaves(filter.part);
  else yield filter;
}

interface Gate {
  readonly feature: string;
  readonly name: string;
  readonly action: string;
  readonly discussion: number;
  readonly word: Word;
  readonly source: string;
}

function gateOf(leaf: Filter): Gate | null {
  if (leaf.kind === "vectors") {
    const { word, source } = leaf;
    return {
      feature: "multimodal",
      name: "multimodal",
      action: "using a vector filter",
      discussion: 846,
      word,
      source,
    };
  }
  if (leaf.kind !== "condition" && leaf.kind !== "in") return null;
  const { source, field } = leaf;
  if (field.text === "_shard") {
    return {
      feature: "network",
      name: "network",
      action: "using a shard filter",
      discussion: 805,
      word: field,
      source,
    };
  }
  if (leaf.kind === "in" || leaf.operator !== "CONTAINS") return null;
  const word = leaf.keyword ?? field;
  return {
    feature: "containsFilter",
    name: "contains filter",
    action: "Using `CONTAINS` in a filter",
    discussion: 763,
    word,
    source,
  };
}

/** Last part first: the order in which the engine looks for something to complain about. */
