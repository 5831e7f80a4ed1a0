/** Where the admin key comes from, and when it is refused. */
import { describe, expect, test } from "bun:test";
import { findAdminKey, type KeyReaders } from "../../../src/cli/admin-key.ts";

const CREDENTIALS = "/home/me/.config/miroir/credentials";

function readers(options: { env?: string; text?: string; mode?: number }): KeyReaders {
  return {
    environment: { HOME: "/home/me", ...(options.env === undefined ? {} : { MIROIR_ADMIN_API_KEY: options.env }) },
    readFile: (path) =>
      path === CREDENTIALS && options.text !== undefined
        ? { text: options.text }
        : { problem: `${path} does not exist` },
    modeOf: (path) => (path === CREDENTIALS && options.text !== undefined ? (options.mode ?? 0o600) : null),
  };
}

describe("the admin key", () => {
  test("comes from the environment first, then from the file, then from the option", () => {
    const text = 'admin_api_key = "from file"\n';
    expect(findAdminKey(undefined, readers({ env: "from env", text })).key).toBe("from env");
    expect(findAdminKey(undefined, readers({ text })).key).toBe("from file");
    expect(findAdminKey("from option", readers({})).key).toBe("from option");
    expect(findAdminKey(undefined, readers({})).key).toBeNull();
  });

  test("given as an option brings a warning, whether it is used or not", () => {
    expect(findAdminKey("x", readers({})).warnings.join()).toContain("shows in the process list");
    expect(findAdminKey("x", readers({ env: "y" })).warnings.join()).toContain("is ignored");
  });

  test.each([0o640, 0o604, 0o644, 0o660])("a file with mode %o is refused, even with an option", (mode) => {
    const found = findAdminKey("x", readers({ text: 'admin_api_key = "secret"', mode }));
    expect(found.key).toBeNull();
    expect(found.problem).toContain("chmod 600");
  });

  test.each(["not toml =", "other = 1", 'admin_api_key = ""', "admin_api_key = 5"])(
    "a file that says %j is refused with what it should say",
    (text) => {
      const found = findAdminKey(undefined, readers({ text }));
      expect([found.key, found.problem?.includes("admin_api_key =")]).toEqual([null, true]);
    },
  );
});
