/**
 * Takes one nested field out of a document that was asked for it only to tell documents apart, while the client reads
 * other parts of the same object. What is left is what the engine prints for those parts alone.
 */
import { decodeKey, endOfValue, MALFORMED, readObject, skipSpace } from "../json/scan.ts";

/** `at` is the first unit of a value; `path` leads on from it, with dots. The text of the value without it. */
export function cutPath(text: string, at: number, path: string): string {
  const unit = text.charCodeAt(at);
  if (unit === OPEN_BRACE) return cutObject(text, at, path);
  if (unit === OPEN_BRACKET) return cutList(text, at, path);
  const end = endOfValue(text, at);
  return end === MALFORMED ? "null" : text.slice(at, end);
}

/**
 * What is to be cut from a member of this name: all of it (an empty path), also if its very name leads on from the path,
 * a path below it, or nothing (null).
 */
export function cutFrom(name: string, path: string): string | null {
  if (name === path || name.startsWith(`${path}.`)) return "";
  return path.startsWith(`${name}.`) ? path.slice(name.length + 1) : null;
}

function cutObject(text: string, at: number, path: string): string {
  const bounds: number[] = [];
  if (readObject(text, at, bounds) === MALFORMED) return "{}";
  const members: string[] = [];
  for (let i = 0; i < bounds.length; i += 4) {
    const below = cutFrom(decodeKey(text, bounds[i]!, bounds[i + 1]!) ?? "", path);
    if (below === "") continue;
    const head = text.slice(bounds[i], bounds[i + 2]);
    const value = bounds[i + 2]!;
    members.push(head + (below === null ? text.slice(value, bounds[i + 3]) : cutPath(text, value, below)));
  }
  return `{${members.join(",")}}`;
}

/** The engine leaves out what of a list has none of the parts that are asked for. */
function cutList(text: string, at: number, path: string): string {
  const elements: string[] = [];
  let i = skipSpace(text, at + 1);
  while (text.charCodeAt(i) !== CLOSE_BRACKET) {
    const end = endOfValue(text, i);
    if (end === MALFORMED) break;
    const element = cutPath(text, i, path);
    if (element !== "{}") elements.push(element);
    i = skipSpace(text, end);
    if (text.charCodeAt(i) === COMMA) i = skipSpace(text, i + 1);
  }
  return `[${elements.join(",")}]`;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
