/** The ids of a delete-batch as the engine reads them: texts as they are, everything else as the JSON it prints. */
import { ascii, CLOSE_BRACKET, COMMA, MINUS, OPEN_BRACKET, QUOTE, skipSpace, skipValue } from "./json-grammar.ts";
import { floatText } from "./document-problem.ts";
import { jsonText } from "./json-text.ts";

/** `text` has been parsed already and is an array. Integers keep every digit, however long. */
export function idList(text: string): readonly string[] {
  const bytes = new TextEncoder().encode(text);
  const ids: string[] = [];
  let i = skipSpace(bytes, 0);
  if (bytes[i] !== OPEN_BRACKET) return ids;
  i = skipSpace(bytes, i + 1);
  while (bytes[i] !== CLOSE_BRACKET) {
    const end = skipValue(bytes, i, 1);
    ids.push(idText(bytes, i, end));
    i = skipSpace(bytes, end);
    if (bytes[i] === COMMA) i = skipSpace(bytes, i + 1);
  }
  return ids;
}

function idText(bytes: Uint8Array, start: number, end: number): string {
  const first = bytes[start];
  if (first === QUOTE) return JSON.parse(jsonText(bytes, start, end)) as string;
  if (first !== MINUS && (first === undefined || first < 0x30 || first > 0x39)) {
    return JSON.stringify(JSON.parse(jsonText(bytes, start, end)));
  }
  const number = ascii(bytes, start, end);
  return /^-?[0-9]+$/.test(number) && number !== "-0" ? number : floatText(Number(number));
}
