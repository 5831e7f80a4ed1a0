/** A request that the router has given up reaches a node that answers within this time, or not at all. */
export const ARRIVES_WITHIN_MS = 500;
