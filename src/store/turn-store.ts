/**
 * Whose turn it is on a scope, among routers that live. A turn is kept until another router wants it, so that a router
 * that is alone with an index pays nothing for it, and ends with the router that has it.
 */
export interface Taken {
  /** The highest clock that came with a turn that was given back; 0 at first. */
  readonly clock: bigint;
}

export interface TurnStore {
  /**
   * The turn is this run's, or undefined: another living run has it and has been told that it is wanted, or has waited for
   * it longer. Who asks again soon keeps its place.
   */
  take(scope: string, run: string): Promise<Taken | undefined>;
  /**
   * Gives it back; one that is not this run's is left alone. `clock`: what the next one must not fall behind, since the
   * clocks of machines differ; 64 bits.
   */
  give(scopes: readonly string[], run: string, clock: bigint): Promise<void>;
  /** A turn of this run is wanted by another (`wanted`), or one that another had is free (`free`). May be missed. */
  listen(run: string, listener: (what: "wanted" | "free", scope: string) => void): void;
}
