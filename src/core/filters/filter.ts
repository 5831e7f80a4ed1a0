/** A client's filter as data. Only what its text says: whether a field is filterable is for the nodes to judge. */

export type CompareOperator = "=" | "!=" | ">" | ">=" | "<" | "<=";

/** What of a document's vectors is asked for; `any` when the filter does not say. */
export type VectorPart =
  | { readonly kind: "any" | "userProvided" | "documentTemplate" | "regenerate" }
  | { readonly kind: "fragment"; readonly name: string };

/** Values and fields are unescaped. Coordinates stay the text they were: nothing here computes with them. */
export type Filter =
  | { readonly kind: "and" | "or"; readonly parts: readonly Filter[] }
  | { readonly kind: "not"; readonly part: Filter }
  | { readonly kind: "compare"; readonly field: string; readonly operator: CompareOperator; readonly value: string }
  | { readonly kind: "in"; readonly field: string; readonly values: readonly string[] }
  | { readonly kind: "between"; readonly field: string; readonly from: string; readonly to: string }
  | { readonly kind: "exists" | "isNull" | "isEmpty"; readonly field: string }
  | { readonly kind: "contains" | "startsWith"; readonly field: string; readonly value: string }
  | { readonly kind: "vectorExists"; readonly embedder: string | null; readonly part: VectorPart }
  | {
      readonly kind: "geoRadius";
      readonly center: Coordinates;
      readonly radius: string;
      readonly resolution: string | null;
    }
  | { readonly kind: "geoBoundingBox"; readonly topRight: Coordinates; readonly bottomLeft: Coordinates }
  | { readonly kind: "geoPolygon"; readonly corners: readonly Coordinates[] }
  /** The inner filter is about documents of the index that `field` refers to. */
  | { readonly kind: "foreign"; readonly field: string; readonly filter: Filter };

/** Latitude, longitude. */
export type Coordinates = readonly [string, string];
