/** What the credential of a request may do, decided once by `authorize.ts` and handed to the handler. */
export interface Authority {
  readonly kind: "exempt" | "open" | "master" | "api_key" | "tenant" | "admin";
  /** uid of the API key behind it, for `api_key` and `tenant`. */
  readonly keyUid: string | null;
  /** Would a node accept this action at all? Always true for `open` and `master`. */
  allowsAction(action: string): boolean;
  /** May it see or touch this index? Lists are filtered by this. */
  allowsIndex(indexUid: string): boolean;
  /** True when the credential is limited to some indexes (task lists then hide what has no single index). */
  readonly restrictedToIndexes: boolean;
  /** The tenant token's forced filter for this index, as JSON the engine accepts; undefined: none. */
  forcedFilter(indexUid: string): unknown;
}
