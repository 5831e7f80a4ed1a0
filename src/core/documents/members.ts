/** The members of one JSON object whose grammar has been checked already: for the paths where speed is not the point. */
import { CLOSE_BRACE, COMMA, OPEN_BRACE, skipColon, skipSpace, skipString, skipValue } from "./json-grammar.ts";
import { jsonText } from "./json-text.ts";

export interface Member {
  /** The name with its escapes undone. */
  readonly name: string;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** In the order of the text, duplicates included. An object that does not start at `at` has none. */
export function* members(bytes: Uint8Array, at: number): Generator<Member> {
  if (bytes[at] !== OPEN_BRACE) return;
  let i = skipSpace(bytes, at + 1);
  while (bytes[i] !== CLOSE_BRACE) {
    const nameEnd = skipString(bytes, i + 1);
    const name = JSON.parse(jsonText(bytes, i, nameEnd)) as string;
    const valueStart = skipColon(bytes, nameEnd);
    const valueEnd = skipValue(bytes, valueStart, 1);
    yield { name, valueStart, valueEnd };
    i = skipSpace(bytes, valueEnd);
    if (bytes[i] === COMMA) i = skipSpace(bytes, i + 1);
  }
}
