/**
 * A binary heap over the heads of lists. The order of federated hits is not always transitive (elements of different
 * kinds are compared by what follows them), so which heads are compared with which is part of the result: the shape of
 * the heap is that of the engine's merge.
 */
export interface HeapHead<Value> {
  readonly value: Value;
  next(): HeapHead<Value> | null;
}

export interface Heap<Head extends { readonly value: unknown }> {
  /** The best head's value, whose place its list's next head takes; null: all lists have ended. */
  next(): Head["value"] | null;
}

export function createHeap<Head extends { readonly value: unknown; next(): Head | null }>(
  goesFirst: (a: Head, b: Head) => boolean,
  start: readonly Head[],
): Heap<Head> {
  const heads = [...start];
  for (let i = (heads.length >> 1) - 1; i >= 0; i--) sink(heads, i, goesFirst);
  return {
    next() {
      const best = heads[0];
      if (best === undefined) return null;
      const following = best.next();
      if (following !== null) heads[0] = following;
      else {
        const last = heads.pop()!;
        if (heads.length > 0) heads[0] = last;
      }
      sink(heads, 0, goesFirst);
      return best.value;
    },
  };
}

/** Moves a head down until no child of it goes first. */
function sink<Head>(heads: Head[], from: number, goesFirst: (a: Head, b: Head) => boolean): void {
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heads.length) return;
    if (child + 1 < heads.length && goesFirst(heads[child + 1]!, heads[child]!)) child += 1;
    if (!goesFirst(heads[child]!, heads[at]!)) return;
    [heads[at], heads[child]] = [heads[child]!, heads[at]!];
    at = child;
  }
}
