/**
 * Puts the client's edit function between two pieces of the router's own: the markers are taken out of the document
 * before it runs and put back after it, so that it neither sees nor loses them, whatever it assigns to `doc`. A `return`
 * would skip what follows, so a function with one runs inside `eval`, which is all that it then ends; where the language
 * does not allow that, the function is refused.
 */
import { apiError } from "../errors/api-error.ts";
import { encodeSequence } from "../markers/codec.ts";
import { EXPIRES_AT_FIELD, SEQUENCE_FIELD, SHARD_FIELD, UPDATED_AT_FIELD } from "../markers/fields.ts";
import { keepExpiry } from "./guard-expiry.ts";
import { literal } from "./rhai-literal.ts";
import { readEditFunction } from "./read-edit-function.ts";

export interface GuardedEdit {
  readonly code: string;
  /** The client's function runs inside `eval`. */
  readonly evaluated: boolean;
}

/**
 * `keep`: a name for a variable that the client cannot know. `version`: what a document that the function changes carries
 * from then on; null: what it carried before. `expiryField`: where documents say when they expire (`guard-expiry.ts`); null:
 * they do not. Throws what the client is to be told.
 */
export function guardEdit(code: string, keep: string, version: bigint | null, expiryField: string | null): GuardedEdit {
  const { returns, defines, exits, close } = readEditFunction(code);
  if (exits) throw refused("`exit`");
  if (returns && defines) throw refused("`return` outside of the functions or closures that it defines");
  const before = `${keep}[${takenFields(expiryField !== null).length}]`;
  const dated = version === null ? "" : `if doc != ${before} { ${keep}[2] = "${encodeSequence(version)}"; } `;
  const kept = [SHARD_FIELD, SEQUENCE_FIELD].map((field, i) => `doc["${field}"] = ${keep}[${i}]; `).join("");
  const expires =
    expiryField === null ? "" : keepExpiry({ field: expiryField, kept: `${keep}[3]`, before, names: keep });
  const tail = `if type_of(doc) == "map" { ${dated}${kept}if ${keep}[2] != () { doc["${UPDATED_AT_FIELD}"] = ${keep}[2]; } ${expires}}`;
  const body = returns ? `eval(${literal(code)})` : `${code}${close}`;
  return { code: `${headOf(keep, expiryField !== null)}${body}\n;${tail}`, evaluated: returns };
}

/** A node's message about a guarded function, as it would have been about the client's own. */
export function clientEditMessage(
  message: string,
  keep: string,
  { evaluated, expiry }: { readonly evaluated: boolean; readonly expiry: boolean },
): string {
  if (evaluated) return message.replace(/\nin call to function 'eval' \(line 1, position \d+\)$/, "");
  const shift = headOf(keep, expiry).length;
  return message.replace(/\(line 1, position (\d+)\)/g, (_all, at) => `(line 1, position ${Number(at) - shift})`);
}

/** On the client's first line, so that the lines of its messages stay right. */
function headOf(keep: string, expiry: boolean): string {
  const taken = takenFields(expiry).map((field) => `doc.remove("${field}")`);
  return `let ${keep} = [${taken.join(", ")}, doc];`;
}

function takenFields(expiry: boolean): readonly string[] {
  return [SHARD_FIELD, SEQUENCE_FIELD, UPDATED_AT_FIELD, ...(expiry ? [EXPIRES_AT_FIELD] : [])];
}

function refused(what: string): Error {
  return apiError(
    "miroir_not_supported",
    `The function uses ${what}, after which Miroir could not put back what it stores in each document. Use \`if\` instead.`,
  );
}
