/**
 * Puts the client's edit function between two pieces of the router's own: the markers are taken out of the document
 * before it runs and put back after it, so that it neither sees nor loses them, whatever it assigns to `doc`. A `return`
 * would skip what follows, so a function with one runs inside `eval`, which is all that it then ends; where the language
 * does not allow that, the function is refused.
 */
import { apiError } from "../errors/api-error.ts";
import { SEQUENCE_FIELD, SHARD_FIELD } from "../markers/fields.ts";
import { readEditFunction } from "./read-edit-function.ts";

export interface GuardedEdit {
  readonly code: string;
  /** The client's function runs inside `eval`. */
  readonly evaluated: boolean;
}

/** `keep`: a name for a variable that the client cannot know. Throws what the client is to be told. */
export function guardEdit(code: string, keep: string): GuardedEdit {
  const { returns, defines, exits, close } = readEditFunction(code);
  if (exits) throw refused("`exit`");
  if (returns && defines) throw refused("`return` outside of the functions or closures that it defines");
  const tail = `if type_of(doc) == "map" { doc["${SHARD_FIELD}"] = ${keep}[0]; doc["${SEQUENCE_FIELD}"] = ${keep}[1]; }`;
  const body = returns ? `eval(${literal(code)})` : `${code}${close}`;
  return { code: `${headOf(keep)}${body}\n;${tail}`, evaluated: returns };
}

/** A node's message about a guarded function, as it would have been about the client's own. */
export function clientEditMessage(message: string, keep: string, evaluated: boolean): string {
  if (evaluated) return message.replace(/\nin call to function 'eval' \(line 1, position \d+\)$/, "");
  const shift = headOf(keep).length;
  return message.replace(/\(line 1, position (\d+)\)/g, (_all, at) => `(line 1, position ${Number(at) - shift})`);
}

/** On the client's first line, so that the lines of its messages stay right. */
function headOf(keep: string): string {
  return `let ${keep} = [doc.remove("${SHARD_FIELD}"), doc.remove("${SEQUENCE_FIELD}")];`;
}

function refused(what: string): Error {
  return apiError(
    "miroir_not_supported",
    `The function uses ${what}, after which Miroir could not put back what it stores in each document. Use \`if\` instead.`,
  );
}

function literal(text: string): string {
  const escaped = text.replace(/[\\"\n\r\t]/g, (character) => ESCAPES[character] as string);
  return `"${escaped}"`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };
