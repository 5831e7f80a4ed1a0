/** The filter language: text or the array form to a tree, with the engine's messages for what it cannot read. */
import { NodeError } from "../node-error.ts";
import type { Filter, Operator, Word } from "./filter-ast.ts";
import { escaped, FilterReader, KEYWORDS, OPERATIONS } from "./filter-reader.ts";

const DEPTH_MAX = 150;

/** A filter as clients send it: a string, or an array whose elements are ANDed and whose inner arrays are ORed. */
export function parseFilter(filter: unknown, code: string): Filter | null {
  if (typeof filter === "string") return parseText(filter, code);
  if (!Array.isArray(filter)) throw wrongType("String, Array", filter, code);
  const parts: Filter[] = [];
  for (const item of filter as readonly unknown[]) {
    if (typeof item === "string") {
      const part = parseText(item, code);
      if (part !== null) parts.push(part);
    } else if (Array.isArray(item)) {
      const choices: Filter[] = [];
      for (const choice of item as readonly unknown[]) {
        if (typeof choice !== "string") throw wrongType("String", choice, code);
        const part = parseText(choice, code);
        if (part !== null) choices.push(part);
      }
      if (choices.length > 0) parts.push(only(choices) ?? { kind: "or", parts: choices });
    } else {
      throw wrongType("String, [String]", item, code);
    }
  }
  return parts.length === 0 ? null : (only(parts) ?? { kind: "and", parts });
}

function parseText(text: string, code: string): Filter | null {
  return text.trim() === "" ? null : new Parser(text, code).parse();
}

function wrongType(expected: string, found: unknown, code: string): NodeError {
  return new NodeError(
    code,
    `Invalid syntax for the filter parameter: \`expected ${expected}, found: ${JSON.stringify(found)}\`.`,
  );
}

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

class Parser extends FilterReader {
  parse(): Filter {
    const filter = this.or(0);
    if (this.at < this.text.length) {
      const rest = this.text.slice(this.at);
      throw this.fail(
        `Found unexpected characters at the end of the filter: \`${escaped(rest)}\`. You probably forgot an \`OR\` or an \`AND\` rule.`,
        this.at,
      );
    }
    return filter;
  }

  private or(depth: number): Filter {
    const parts = [this.and(depth)];
    while (this.keyword("OR")) parts.push(this.and(depth));
    return only(parts) ?? { kind: "or", parts };
  }

  private and(depth: number): Filter {
    const parts = [this.not(depth)];
    while (this.keyword("AND")) parts.push(this.not(depth));
    return only(parts) ?? { kind: "and", parts };
  }

  private not(depth: number): Filter {
    if (depth > DEPTH_MAX) {
      throw this.fail(
        "The filter exceeded the maximum depth limit. Try rewriting the filter so that it contains fewer nested conditions.",
        this.at,
      );
    }
    this.space();
    if (this.keyword("NOT")) return { kind: "not", part: this.not(depth + 1) };
    return this.primary(depth);
  }

  private primary(depth: number): Filter {
    this.space();
    const start = this.at;
    if (this.text[this.at] === "(") {
      this.at += 1;
      const inner = this.or(depth + 1);
      this.space();
      if (this.text[this.at] !== ")") {
        throw this.fail(
          `Expression \`${escaped(this.text.slice(start))}\` is missing the following closing delimiter: \`)\`.`,
          start,
        );
      }
      this.at += 1;
      this.space();
      return inner;
    }
    for (const name of ["_geoPoint", "_geoDistance", "_geo"]) {
      if (this.call(name)) {
        throw this.fail(
          `\`${name}\` is a reserved keyword and thus can't be used as a filter expression. Use the \`_geoRadius(latitude, longitude, distance)\` or \`_geoBoundingBox([latitude, longitude], [latitude, longitude])\` built-in rules to filter on \`_geo\` coordinates.`,
          start,
        );
      }
    }
    if (this.wordIs("_geoRadius")) return this.radius();
    if (this.wordIs("_geoBoundingBox")) return this.box();
    const vectors = /^_vectors(?:\.([\w-]+))?(?:\.\w+)?\s+(NOT\s+)?EXISTS\s*/.exec(this.text.slice(start));
    if (vectors !== null) {
      this.at += vectors[0].length;
      const word = this.word("_vectors", start, start + "_vectors".length);
      const found: Filter = { kind: "vectors", embedder: vectors[1] ?? null, word, source: this.text };
      return vectors[2] === undefined ? found : { kind: "not", part: found };
    }
    return this.condition(start);
  }

  private condition(start: number): Filter {
    const field = this.value(start);
    const source = this.text;
    const make = (operator: Operator, values: readonly Word[], keyword: Word | null = null): Filter => ({
      kind: "condition",
      field,
      operator,
      values,
      source,
      keyword,
    });
    const negated = (filter: Filter): Filter => ({ kind: "not", part: filter });
    for (const operator of ["<=", ">=", "!=", "<", ">", "="] as const) {
      if (this.text.startsWith(operator, this.at)) {
        this.at += operator.length;
        return make(operator, [this.value()]);
      }
    }
    if (this.phrase(/^IN\b\s*/)) return this.list(field);
    if (this.phrase(/^NOT\s+IN\b\s*/)) return negated(this.list(field));
    if (this.phrase(/^EXISTS\s*/)) return make("EXISTS", []);
    if (this.phrase(/^NOT\s+EXISTS\s*/)) return negated(make("EXISTS", []));
    if (this.phrase(/^IS\s+NULL\s*/)) return make("IS NULL", []);
    if (this.phrase(/^IS\s+NOT\s+NULL\s*/)) return negated(make("IS NULL", []));
    if (this.phrase(/^IS\s+EMPTY\s*/)) return make("IS EMPTY", []);
    if (this.phrase(/^IS\s+NOT\s+EMPTY\s*/)) return negated(make("IS EMPTY", []));
    for (const operator of ["CONTAINS", "STARTS WITH"] as const) {
      const isNegated = this.phrase(new RegExp(`^NOT\\s+(?=${operator})`));
      const keyword = this.word(operator, this.at, this.at + operator.length);
      if (!this.phrase(new RegExp(`^${operator}`))) continue;
      const found = make(operator, [this.value()], keyword);
      return isNegated ? negated(found) : found;
    }
    const range = this.range();
    if (range !== null) return make("TO", range);
    const rest = this.text.slice(start);
    throw this.fail(`Was expecting an operation ${OPERATIONS} at \`${escaped(rest)}\`.`, start);
  }

  private range(): [Word, Word] | null {
    const back = this.at;
    try {
      const from = this.value();
      if (this.phrase(/^TO\s+/)) return [from, this.value()];
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
    }
    this.at = back;
    return null;
  }

  private list(field: Word): Filter {
    const values: Word[] = [];
    this.space();
    if (this.text[this.at] !== "[") throw this.fail("Expected `[` after `IN` keyword.", this.at);
    this.at += 1;
    this.space();
    while (this.text[this.at] !== "]") {
      const start = this.at;
      try {
        values.push(this.value());
      } catch (error) {
        if (!(error instanceof NodeError) || this.text[start] === "'" || this.text[start] === '"') throw error;
        this.at = start;
        break;
      }
      if (this.text[this.at] !== ",") break;
      this.at += 1;
      this.space();
    }
    if (this.text[this.at] !== "]") {
      const rest = this.text.slice(this.at);
      if (rest === "") throw this.fail("Expected matching `]` after the list of field names given to `IN[`", this.at);
      const word = /^[^\s,\]]*/.exec(rest)?.[0] ?? "";
      const hint = KEYWORDS.has(word)
        ? `\`${word}\`, which is a keyword. To use \`${word}\` as a field name or a value, surround it by quotes.`
        : `\`${escaped(rest)}\`.`;
      throw this.fail(`Expected only comma-separated field names inside \`IN[..]\` but instead found ${hint}`, this.at);
    }
    this.at += 1;
    this.space();
    return { kind: "in", field, values, source: this.text };
  }

  private radius(): Filter {
    const start = this.at;
    const wrong =
      "The `_geoRadius` filter must be in the form: `_geoRadius(latitude, longitude, radius, optionalResolution)`.";
    this.at += "_geoRadius".length;
    const floats = this.floats("(", ")");
    if (floats === null) throw this.fail(wrong, start + "_geoRadius".length);
    const [lat, lng, radius] = floats;
    if (lat === undefined || lng === undefined || radius === undefined || floats.length > 4) {
      throw this.fail(`Was expecting 3 or 4 arguments for \`_geoRadius\`, but instead found ${floats.length}.`, start);
    }
    return { kind: "radius", point: [lat, lng], radius, source: this.text };
  }

  private box(): Filter {
    const start = this.at;
    const wrong =
      "The `_geoBoundingBox` filter expects two pairs of arguments: `_geoBoundingBox([latitude, longitude], [latitude, longitude])`.";
    this.at += "_geoBoundingBox".length;
    const open = this.mark("(");
    const first = open ? this.floats("[", "]") : null;
    const comma = first !== null && this.mark(",");
    const second = comma ? this.floats("[", "]") : null;
    if (second === null || first === null || !this.mark(")")) throw this.fail(wrong, start + "_geoBoundingBox".length);
    const [top, right] = first;
    const [bottom, left] = second;
    if (top === undefined || right === undefined || bottom === undefined || left === undefined)
      throw this.fail(wrong, start);
    return { kind: "box", topRight: [top, right], bottomLeft: [bottom, left], source: this.text };
  }
}
