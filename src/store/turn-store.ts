/**
 * Whose turn it is on a scope, among routers that live. A turn is kept until another router wants it, so that a router
 * that is alone with an index pays nothing for it, and ends with the router that has it.
 */
export interface TurnStore {
  /**
   * True: the turn is this run's. False: another living run has it and has been told that it is wanted, or has waited for
   * it longer. Who asks again soon keeps its place.
   */
  take(scope: string, run: string): Promise<boolean>;
  /** Gives it back; one that is not this run's is left alone. */
  give(scopes: readonly string[], run: string): Promise<void>;
  /** A turn of this run is wanted by another (`wanted`), or one that another had is free (`free`). May be missed. */
  listen(run: string, listener: (what: "wanted" | "free", scope: string) => void): void;
}
