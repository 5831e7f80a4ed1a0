/** The declarations themselves: complete, in harmony with each other, and readable. */
import { describe, expect, test } from "bun:test";
import { configFrom } from "../../../src/config/config.ts";
import { expectation } from "../../../src/config/key.ts";
import { findKey, keyList, sectionList } from "../../../src/config/key-list.ts";
import { variableOf } from "../../../src/config/parse-settings.ts";
import { laterFeatures, laterKeysSet } from "../../../src/config/this-version.ts";
import { validate } from "../../../src/config/validate.ts";
import { BY_DEFAULT, type KeyPath, type Source } from "../../../src/config/source.ts";

describe("keys", () => {
  test("every key and section is documented in whole sentences", () => {
    const docs = [...keyList.map((key) => key.facts.doc), ...sectionList.map((section) => section.doc)];
    expect(docs.filter((doc) => !/^[A-Z`0-9].*\.$/s.test(doc))).toEqual([]);
  });

  test("every key says what its values look like", () => {
    expect(keyList.filter((key) => expectation(key.schema) === "of another form").map((key) => key.name)).toEqual([]);
  });

  test("every default is itself a valid value", () => {
    const whole = structuredClone(configFrom({})) as unknown as Record<string, unknown>;
    expect(validate(whole, () => BY_DEFAULT).problems).toEqual([]);
  });

  test("flags and environment names are unique", () => {
    const flags = keyList.flatMap((key) => key.facts.flag ?? []);
    expect(new Set(flags).size).toBe(flags.length);
    const variables = keyList.flatMap((key) => [
      variableOf(key),
      ...(key.facts.secret ? [`${variableOf(key)}_FILE`] : []),
    ]);
    expect(new Set(variables).size).toBe(variables.length);
    expect(variableOf(findKey("scatter.node_timeout_ms") as never)).toBe("MIROIR_SCATTER__NODE_TIMEOUT_MS");
  });

  test("no key is called like the file form of a secret", () => {
    const files = keyList.filter((key) => key.facts.secret).map((key) => `${key.name}_file`);
    expect(files.filter((name) => findKey(name) !== undefined)).toEqual([]);
  });
});

describe("what this version cannot honour", () => {
  const inFile: Source = { kind: "file", file: "m.yaml", line: 1, column: 1 };
  const setHere =
    (...names: string[]) =>
    (path: KeyPath): Source =>
      names.includes(path.join(".")) ? inFile : BY_DEFAULT;

  test("a key of a later feature is named when it is set, and marked when it differs from its default", () => {
    const config = configFrom({ cdc: { enabled: true }, server: { port: 1 } });
    const found = laterKeysSet(config, setHere("cdc.enabled", "resharding.enabled", "server.port"));
    expect(found).toEqual([
      { path: "resharding.enabled", source: inFile, changed: false },
      { path: "cdc.enabled", source: inFile, changed: true },
    ]);
  });

  test("nothing is said about a later feature that is on by default and not mentioned", () => {
    expect(laterKeysSet(configFrom({}), setHere())).toEqual([]);
    expect(laterFeatures()).toContain("resharding");
    expect(laterFeatures()).not.toContain("search");
  });
});
