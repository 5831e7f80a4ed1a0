/**
 * Of a field that holds numbers and texts a node prints 9 and "9" under one key, with the count of the texts. So a key
 * that looks like a number may be either, and counts of different nodes must not be added before that is known. Here
 * it is decided what has to be asked, and kept what came out.
 */
import { quoteValue } from "../filters/quote-value.ts";

/** A field with numbers and texts: by position of the part, which of its keys may be numbers. */
export interface MixedField {
  readonly field: string;
  readonly keys: ReadonlyMap<number, readonly string[]>;
}

/** How many documents hold the number, and how many the text; a document may hold both. */
export interface TypedCount {
  readonly numbers: number;
  readonly texts: number;
  /** These were counted among other documents than the facet, so that they only tell which of both there are. */
  readonly kindOnly?: boolean;
}

/**
 * By position of the part and field: what each key is that may be a number; one that is not named is a number. undefined:
 * keys are what they seem to be.
 */
export type FacetTypes = (position: number, field: string) => ReadonlyMap<string, TypedCount> | undefined;

/** For facets of fewer documents than could be asked about: a node prints the count of the texts, if there are any. */
export function kindsOnly(types: FacetTypes): FacetTypes {
  return (position, field) => {
    const known = types(position, field);
    return known && new Map([...known].map(([key, typed]) => [key, { ...typed, kindOnly: true }]));
  };
}

/** The same field, as far as it is about some of the parts. */
export function onlyAt({ field, keys }: MixedField, at: (position: number) => boolean): MixedField {
  return { field, keys: new Map([...keys].filter(([position]) => at(position))) };
}

/** As the engine prints numbers: without exponent, leading zeros or zeros behind the last digit. */
export function looksLikeNumber(text: string): boolean {
  return NUMBER.test(text);
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;

/** Met by every document with a text in the field that begins like a number: neither end of the range is one. */
export function numberLikeTexts(field: string): string {
  return `${quoteValue(field)} "-" TO ":"`;
}

/** Met by documents with this very text: with a blank behind it the upper end is no number, but the same text. */
export function textEqualTo(field: string, key: string): string {
  return `${quoteValue(field)} ${quoteValue(key)} TO ${quoteValue(`${key} `)}`;
}

/** Met by documents with this number or this text. */
export function equalTo(field: string, key: string): string {
  return `${quoteValue(field)} = ${quoteValue(key)}`;
}

/** Met by documents with this number: written in a way in which nobody writes a text. */
export function numberEqualTo(field: string, key: string): string {
  return `${quoteValue(field)} = ${quoteValue(unusualNumber(key))}`;
}

/** The same number; what has an exponent is unusual enough. */
export function unusualNumber(text: string): string {
  if (/[eE]/.test(text)) return text;
  return text.includes(".") ? text + ZEROS : `${text}.${ZEROS}`;
}

const ZEROS = "000000000000";
