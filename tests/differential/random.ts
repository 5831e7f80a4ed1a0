/** Seeded chance for generated corpora and requests: the same seed gives the same run on every machine. */
export interface Dice {
  fraction(): number;
  below(bound: number): number;
  pick<T>(from: readonly T[]): T;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** `count` different elements, in random order; fewer if there are fewer. */
  some<T>(from: readonly T[], count: number): readonly T[];
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(fraction() * bound);
  return {
    fraction,
    below,
    pick: (from) => from[below(from.length)] as (typeof from)[number],
    chance: (probability) => fraction() < probability,
    some: (from, count) => {
      const rest = [...from];
      return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(below(rest.length), 1)[0] as never);
    },
  };
}
