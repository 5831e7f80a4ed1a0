/** Chance from a seed (sfc32): the same seed gives the same history on every machine. */
import type { Random } from "../../src/platform/random.ts";

export interface Dice extends Random {
  /** An integer from 0 to `below - 1`. */
  below(limit: number): number;
  /** Uniform between the two. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

export function createDice(seed: number): Dice {
  let a = 0x9e3779b9 ^ seed;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let counter = 1;
  const uint32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round += 1) uint32();

  const fraction = (): number => uint32() / 4_294_967_296;
  const below = (limit: number): number => Math.floor(fraction() * limit);
  let ids = 0;
  const uuid = (version: number): string => {
    ids += 1;
    const tail = uint32().toString(16).padStart(8, "0");
    return `${ids.toString(16).padStart(8, "0")}-0000-${version}000-8000-0000${tail}`;
  };
  return {
    fraction,
    uint32,
    below,
    between: (low, high) => low + fraction() * (high - low),
    chance: (probability) => fraction() < probability,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    uuidV4: () => uuid(4),
    // Ordered by the counter in front, as the real one is by time.
    uuidV7: () => uuid(7),
  };
}
