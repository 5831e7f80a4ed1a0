/** What this version does not do of a configuration: a key of a feature that is still to come is accepted and named. */
import type { Config } from "./config.ts";
import { keyList, sectionList } from "./key-list.ts";
import { BY_DEFAULT, type KeyPath, type Source } from "./source.ts";
import { valueAt } from "./validate.ts";

export interface LaterKey {
  readonly path: string;
  readonly source: Source;
  /** The value differs from the default, so somebody expects an effect: `serve` warns. */
  readonly changed: boolean;
}

/** Keys that a person has set although their feature is not in this version. */
export function laterKeysSet(config: Config, sourceOf: (path: KeyPath) => Source): LaterKey[] {
  return keyList
    .filter((key) => key.later)
    .map((key) => ({
      path: key.name,
      source: sourceOf(key.path),
      changed: !Bun.deepEquals(valueAt(config, key.path), key.byDefault),
    }))
    .filter(({ source }) => source !== BY_DEFAULT);
}

/** Sections, and single keys outside of them, whose feature is not in this version; for `config check` and the docs. */
export function laterFeatures(): string[] {
  const sections = sectionList.filter((section) => section.later).map((section) => section.name);
  const inside = (name: string) => sections.some((section) => name.startsWith(`${section}.`));
  const top = sections.filter((name) => !inside(name));
  const single = keyList.filter((key) => key.later && !inside(key.name)).map((key) => key.name);
  return [...top, ...single];
}
