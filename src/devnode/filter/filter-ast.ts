/** A parsed filter. */
export interface Word {
  readonly text: string;
  /** Where it stands in the filter, for error messages: character columns from 1, end exclusive. */
  readonly from: number;
  readonly to: number;
}

export type Operator =
  "=" | "!=" | ">" | ">=" | "<" | "<=" | "TO" | "CONTAINS" | "STARTS WITH" | "EXISTS" | "IS NULL" | "IS EMPTY";

export type Filter =
  | { readonly kind: "and" | "or"; readonly parts: readonly Filter[] }
  | { readonly kind: "not"; readonly part: Filter }
  | {
      readonly kind: "condition";
      readonly field: Word;
      readonly operator: Operator;
      readonly values: readonly Word[];
      readonly source: string;
      /** Where the operator stands, for the one that is behind a feature. */
      readonly keyword: Word | null;
    }
  | { readonly kind: "in"; readonly field: Word; readonly values: readonly Word[]; readonly source: string }
  | { readonly kind: "radius"; readonly point: readonly [Word, Word]; readonly radius: Word; readonly source: string }
  | {
      readonly kind: "box";
      readonly topRight: readonly [Word, Word];
      readonly bottomLeft: readonly [Word, Word];
      readonly source: string;
    }
  | { readonly kind: "vectors"; readonly embedder: string | null; readonly word: Word; readonly source: string };
