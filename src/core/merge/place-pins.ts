/**
 * Puts pinned documents among the others, as the engine does: first in the order of precedence, where a pin that has to
 * wait for its position holds up those behind it, up to the end of the page; then what has got so far once more, in the
 * order of positions.
 */
export interface Placed<Hit> {
  readonly hit: Hit;
  readonly position: number;
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

export interface PlacedPage<Hit> {
  /** The hits of the window. */
  readonly page: readonly Hit[];
  /**
   * The part of `organic` in which the engine counts hits by meaning: with a pin in front of the page's end from the
   * start, otherwise the page.
   */
  readonly counted: Window;
}

/** `organic`: the first `to` of the list without pins. `pins`: in the order of precedence. */
export function placePins<Hit>(organic: readonly Hit[], pins: readonly Placed<Hit>[], window: Window): PlacedPage<Hit> {
  const reached = walk(organic, pins, window.to);
  return placeByPosition(organic.slice(0, reached.organic), pins.slice(0, reached.pins), window);
}

/** The second half alone, for pins that have got through the first. Of those of one position the first goes first. */
export function placeByPosition<Hit>(
  organic: readonly Hit[],
  pins: readonly Placed<Hit>[],
  { from, to }: Window,
): PlacedPage<Hit> {
  const sorted = pins.toSorted((a, b) => a.position - b.position);
  const walked = walk(organic, sorted, to);
  const counted = walked.pins === 0 ? { from, to } : { from: 0, to: walked.organic };
  return { page: walked.hits.slice(from), counted };
}

interface Walked<Hit> {
  readonly hits: readonly Hit[];
  /** How many of each are among them. */
  readonly organic: number;
  readonly pins: number;
}

/** A pin is taken once its position is reached, and earlier when nothing else is left. */
export function walk<Hit>(organic: readonly Hit[], pins: readonly Placed<Hit>[], to: number): Walked<Hit> {
  const hits: Hit[] = [];
  let taken = 0;
  let pinned = 0;
  while (hits.length < to) {
    const pin = pins[pinned];
    if (pin !== undefined && (pin.position <= hits.length || taken === organic.length)) {
      hits.push(pin.hit);
      pinned += 1;
    } else if (taken < organic.length) {
      hits.push(organic[taken]!);
      taken += 1;
    } else break;
  }
  return { hits, organic: taken, pins: pinned };
}
