/**
 * The memory of a node with a data directory: one JSON line for everything that must survive the process, replayed at
 * start. Lines are written before the request that caused them is answered; a last line cut short is dropped.
 */
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface JournalLine {
  readonly kind: "task" | "outcome" | "state";
  readonly value: unknown;
}

export interface Journal {
  readonly lines: () => readonly JournalLine[];
  readonly append: (line: JournalLine) => void;
  readonly close: () => void;
}

/** A journal in the directory, or one that forgets everything when there is none. */
export function openJournal(directory: string | undefined): Journal {
  if (directory === undefined) return { lines: () => [], append: () => undefined, close: () => undefined };
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "journal.jsonl");
  const lines = existsSync(path) ? readLines(path) : [];
  const file = openSync(path, "a");
  return {
    lines: () => lines,
    append: (line) => appendFileSync(file, `${JSON.stringify(line)}\n`),
    close: () => closeSync(file),
  };
}

function readLines(path: string): JournalLine[] {
  const text = readFileSync(path, "utf8");
  const end = text.lastIndexOf("\n") + 1;
  if (end < text.length) writeFileSync(path, text.slice(0, end));
  return text
    .slice(0, end)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JournalLine);
}
