/**
 * One hash for each setting as a node shows it. What all nodes showed after a change that succeeded is what was meant, in
 * the engine's own normal form; a node that shows something else later has been changed by somebody else.
 */
import { canonicalJson, type JsonObject } from "./json-shape.ts";

export type SettingsHashes = Readonly<Record<string, string>>;

export function settingsHashes(node: JsonObject): SettingsHashes {
  return Object.fromEntries(
    Object.entries(node)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, value]) => [key, hashOf(canonicalJson(value ?? null))]),
  );
}

/** One hash for the whole object, to be compared by people. */
export function combinedHash(hashes: SettingsHashes): string {
  return hashOf(canonicalJson(hashes));
}

/**
 * The settings in which `shown` is not as `meant`. A setting that only one of them knows belongs to an experimental
 * feature that was switched meanwhile and says nothing.
 */
export function differingSettings(shown: SettingsHashes, meant: SettingsHashes): readonly string[] {
  return Object.keys(shown).filter((key) => meant[key] !== undefined && meant[key] !== shown[key]);
}

function hashOf(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
}

/** 128 bits. */
const HASH_LENGTH = 32;
