/**
 * What a client's edit function leaves in the field that says when a document expires, made into the marker by the nodes
 * themselves (in Rhai), since nobody else sees it. A function that leaves the field alone leaves the marker alone; one that
 * puts something else than a time there fails, and with it its task.
 */
import { EXPIRY_MAX } from "../markers/expiry.ts";
import { MARKER_ALPHABET } from "../markers/codec.ts";
import { EXPIRES_AT_FIELD } from "../markers/fields.ts";
import { literal } from "./rhai-literal.ts";

export interface KeptExpiry {
  readonly field: string;
  /** Where the marker was put when it was taken out of the document. */
  readonly kept: string;
  /** The document as it was without its markers. */
  readonly before: string;
  /** The beginning of names that no function can know. */
  readonly names: string;
}

/** Statements that put the marker into `doc`. */
export function keepExpiry({ field, kept, before, names }: KeptExpiry): string {
  const name = literal(field);
  const value = `${names}v`;
  // Under the name of the marker itself only what the function has put there is in the document.
  const isSaid = field === EXPIRES_AT_FIELD ? `${name} in doc` : `${value} != ${before}[${name}]`;
  const isTime = `type_of(${value}) == "i64" && ${value} >= 0 && ${value} <= ${EXPIRY_MAX}`;
  const digit = `${literal(MARKER_ALPHABET)}[(${value} >> (60 - 4 * ${names}i)) & 15]`;
  const encode = `${kept} = ""; for ${names}i in 0..16 { ${kept} += ${digit}; }`;
  const refuse = `throw ${literal(wrongExpiry(field))};`;
  return [
    `let ${value} = doc[${name}];`,
    `if ${isSaid} { if ${value} == () { ${kept} = (); } else if ${isTime} { ${encode} } else { ${refuse} } }`,
    `doc.remove("${EXPIRES_AT_FIELD}"); if ${kept} != () { doc["${EXPIRES_AT_FIELD}"] = ${kept}; }`,
  ].join(" ");
}

function wrongExpiry(field: string): string {
  return `The field \`${field}\` says when a document expires: it must be null, or whole milliseconds since 1970.`;
}
