/** A filter written out in the one form in which the engine quotes it when its evaluation fails. */
import { NodeError } from "../node-error.ts";
import type { Filter, Word } from "./filter-ast.ts";

/** The error of evaluating a filter: the message, then the columns of the word in the written-out filter, then that. */
export function evaluationError(message: string, word: Word, filter: Filter, code: string): NodeError {
  const printer = new Printer(word);
  printer.print(filter);
  return new NodeError(code, `${message}\n${printer.from}:${printer.to} ${printer.text}`);
}

class Printer {
  text = "";
  from = 1;
  to = 1;
  private readonly marked: Word;

  constructor(marked: Word) {
    this.marked = marked;
  }

  print(filter: Filter): void {
    switch (filter.kind) {
      case "and":
      case "or":
        for (const [at, part] of filter.parts.entries()) {
          if (at > 0) this.text += filter.kind === "and" ? " AND " : " OR ";
          this.text += "(";
          this.print(part);
          this.text += ")";
        }
        return;
      case "not":
        this.text += "NOT (";
        this.print(filter.part);
        this.text += ")";
        return;
      case "in":
        this.quoted(filter.field);
        this.text += " IN [";
        this.list(filter.values, (word) => this.quoted(word));
        this.text += "]";
        return;
      case "condition":
        this.condition(filter);
        return;
      case "radius":
        this.text += "_geoRadius(";
        this.list([...filter.point, filter.radius], (word) => this.plain(word));
        this.text += ")";
        return;
      case "box":
        this.text += "_geoBoundingBox([";
        this.list(filter.topRight, (word) => this.plain(word));
        this.text += "], [";
        this.list(filter.bottomLeft, (word) => this.plain(word));
        this.text += "])";
        return;
      case "vectors":
        this.text += `_vectors${filter.embedder === null ? "" : `.${filter.embedder}`} EXISTS`;
    }
  }

  private condition({ field, operator, values }: Extract<Filter, { kind: "condition" }>): void {
    const [first, second] = values;
    this.quoted(field);
    if (operator === "TO" && first !== undefined && second !== undefined) {
      this.text += " ";
      this.quoted(first);
      this.text += " TO ";
      this.quoted(second);
      return;
    }
    this.text += ` ${operator}`;
    if (first === undefined) return;
    this.text += " ";
    this.quoted(first);
  }

  private list(words: readonly Word[], write: (word: Word) => void): void {
    for (const [at, word] of words.entries()) {
      if (at > 0) this.text += ", ";
      write(word);
    }
  }

  private quoted(word: Word): void {
    this.text += '"';
    this.write(word, JSON.stringify(word.text).slice(1, -1));
    this.text += '"';
  }

  private plain(word: Word): void {
    this.write(word, word.text);
  }

  private write(word: Word, text: string): void {
    if (word === this.marked) {
      this.from = Array.from(this.text).length + 1;
      this.to = this.from + Array.from(text).length;
    }
    this.text += text;
  }
}
