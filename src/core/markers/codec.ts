/**
 * Markers as text the engine cannot search: only characters from its default separator list, so they yield no word,
 * yet they are compared and sorted as strings. Both forms have a fixed length and an ascending alphabet, which makes
 * the order of the texts (by code point, by UTF-16 unit and by byte alike) the order of the numbers.
 */
import { assert } from "../assert.ts";
import { SHARD_FIELD } from "./fields.ts";

/** Ascending, three bytes each, unchanged by NFKD and lowercasing, and none that a user is likely to declare a letter. */
export const MARKER_ALPHABET = "†‡•‣‸⁂⁃⁊⁌⁍⁎⁑⁓⁕⁘⁙";

/** 16 bits, two per character, from the first four characters of the alphabet. */
export function encodeShard(shard: number): string {
  assert(Number.isInteger(shard) && shard >= 0 && shard < 1 << 16, "a shard number has 16 bits");
  while (shardTexts.length <= shard) shardTexts.push(shardText(shardTexts.length));
  return shardTexts[shard]!;
}

/** null for anything that `encodeShard` does not produce. */
export function decodeShard(text: string): number | null {
  if (text.length !== SHARD_LENGTH) return null;
  let shard = 0;
  for (let i = 0; i < SHARD_LENGTH; i += 1) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit < 0 || digit > 3) return null;
    shard = shard * 4 + digit;
  }
  return shard;
}

/** The filter that keeps only documents of these shards. An empty list keeps none. */
export function shardFilter(shards: readonly number[]): string {
  let list = "";
  for (const shard of shards) list += list === "" ? `"${encodeShard(shard)}"` : `, "${encodeShard(shard)}"`;
  return `${SHARD_FIELD} IN [${list}]`;
}

/** 64 bits, four per character. */
export function encodeSequence(seq: bigint): string {
  assert(seq >= 0n && seq < 1n << 64n, "a sequence has 64 bits");
  wide[0] = seq;
  return hexText(halves[HIGH]!) + hexText(halves[LOW]!);
}

/** null for anything that `encodeSequence` does not produce. */
export function decodeSequence(text: string): bigint | null {
  if (text.length !== SEQUENCE_LENGTH) return null;
  const high = halfOf(text, 0);
  const low = halfOf(text, HALF_LENGTH);
  if (high < 0 || low < 0) return null;
  halves[HIGH] = high;
  halves[LOW] = low;
  return wide[0]!;
}

/**
 * The first entry of a client's `nonSeparatorTokens` or `dictionary` that consists of nothing but characters of the
 * alphabet, or null. Such an entry makes words of markers, so the settings change has to be refused. An entry with
 * another character in it can stay, since no marker contains it; so can anything in the other settings, which only
 * look at words. All of this is shown on the real engine by the tests.
 */
export function usesMarkerAlphabet(tokens: readonly string[]): string | null {
  return tokens.find((token) => onlyAlphabet.test(token)) ?? null;
}

const onlyAlphabet = new RegExp(`^[${MARKER_ALPHABET}]+$`, "u");

const SHARD_LENGTH = 8;
const HALF_LENGTH = 8;
const SEQUENCE_LENGTH = 2 * HALF_LENGTH;

/** By shard number, up to the highest that was asked for. */
const shardTexts: string[] = [];

function shardText(shard: number): string {
  let text = "";
  for (let shift = 14; shift >= 0; shift -= 2) text += MARKER_ALPHABET[(shard >>> shift) & 3];
  return text;
}

function hexText(half: number): string {
  let text = "";
  for (let shift = 28; shift >= 0; shift -= 4) text += MARKER_ALPHABET[(half >>> shift) & 15];
  return text;
}

/** 32 bits from eight characters, or -1. */
function halfOf(text: string, start: number): number {
  let half = 0;
  for (let i = start; i < start + HALF_LENGTH; i += 1) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit < 0) return -1;
    half = half * 16 + digit;
  }
  return half;
}

/** The alphabet lies within 64 code points of its first character. */
const digits: Int8Array = new Int8Array(64).fill(-1);
const FIRST = MARKER_ALPHABET.charCodeAt(0);
for (let i = 0; i < MARKER_ALPHABET.length; i += 1) digits[MARKER_ALPHABET.charCodeAt(i) - FIRST] = i;

function digitOf(codeUnit: number): number {
  return digits[codeUnit - FIRST] ?? -1;
}

/** A 64-bit number seen as two plain ones; which half comes first depends on the machine. */
const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
