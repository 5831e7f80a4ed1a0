/** Layers, sources, secrets and the reporting of everything that is wrong at once. */
import { describe, expect, test } from "bun:test";
import { loadConfig, type LoadInput, type LoadResult } from "../../../src/config/load-config.ts";
import { problemText } from "../../../src/config/source.ts";
import { assert } from "../../../src/core/assert.ts";

const NODES = 'nodes: [{ id: a, address: "http://10.0.0.1:7700" }]';
const VALID = `miroir:\n  ${NODES}\n`;

function load(files: Record<string, string>, more: Partial<LoadInput> = {}): LoadResult {
  return loadConfig({
    file: "miroir.yaml",
    env: {},
    flags: [],
    readFile: (path) => {
      const text = files[path];
      return text === undefined ? { problem: `${path} does not exist` } : { text };
    },
    ...more,
  });
}

function problemsOf(result: LoadResult): string[] {
  return result.ok ? [] : result.problems.map(problemText);
}

function accepted(result: LoadResult): LoadResult & { ok: true } {
  expect(problemsOf(result)).toEqual([]);
  assert(result.ok, "the configuration is accepted");
  return result;
}

describe("layers", () => {
  test("a file wins over defaults, the environment over the file, a flag over the environment", () => {
    const text = `${VALID}  server: { port: 1001, bind: 10.0.0.9, max_concurrent_requests: 7 }\n`;
    const { config, sourceOf } = accepted(
      load(
        { "miroir.yaml": text },
        {
          env: { MIROIR_SERVER__PORT: "1002", MIROIR_SERVER__BIND: "10.0.0.10" },
          flags: [{ flag: "port", key: "server.port", text: "1003" }],
        },
      ),
    );
    expect(config.server).toMatchObject({ port: 1003, bind: "10.0.0.10", max_concurrent_requests: 7 });
    expect(config.server.request_timeout_ms).toBe(30000);
    expect(sourceOf(["server", "port"])).toEqual({ kind: "flag", flag: "port" });
    expect(sourceOf(["server", "bind"])).toEqual({ kind: "environment", variable: "MIROIR_SERVER__BIND" });
    expect(sourceOf(["server", "max_concurrent_requests"])).toMatchObject({ kind: "file", line: 3 });
    expect(sourceOf(["server", "request_timeout_ms"])).toEqual({ kind: "default" });
  });

  test("lists come from the environment as JSON", () => {
    const nodes = '[{"id":"x","address":"http://x:1"}]';
    const { config } = accepted(load({ "miroir.yaml": "miroir: {}\n" }, { env: { MIROIR_NODES: nodes } }));
    expect(config.nodes).toEqual([{ id: "x", address: "http://x:1", replica_group: 0 }]);
  });

  test("a section with nothing below it keeps its defaults", () => {
    const { config } = accepted(load({ "miroir.yaml": `${VALID}  scatter:\n` }));
    expect(config.scatter.node_timeout_ms).toBe(5000);
  });

  test("without a file the environment is enough", () => {
    const { file: _, ...input }: LoadInput = {
      file: "",
      env: { MIROIR_NODES: "[{id: a, address: 'http://a'}]", MIROIR_MASTER_KEY: "0123456789abcdef" },
      flags: [],
      readFile: () => ({ problem: "nothing is read" }),
    };
    expect(accepted(loadConfig(input)).config.master_key).toBe("0123456789abcdef");
  });
});

describe("problems", () => {
  test("several are reported at once, each with its path and its place", () => {
    const text = [
      "miroir:",
      "  shards: many",
      "  server:",
      "    prt: 7700",
      "  scater: {}",
      "  node_timeout_ms: 5",
      "  nodes:",
      '    - { id: a, adress: "http://a" }',
      "",
    ].join("\n");
    expect(problemsOf(load({ "miroir.yaml": text }, { env: { MIROIR_LOG__LEVEL: "loud" } }))).toEqual([
      'miroir.yaml:2:3: shards: It must be a whole number from 1 to 65536, not "many".',
      "miroir.yaml:4:5: server.prt: Unknown key. Did you mean port?",
      "miroir.yaml:5:3: scater: Unknown key. Did you mean scatter?",
      "miroir.yaml:6:3: node_timeout_ms: Unknown key. Did you mean scatter.node_timeout_ms?",
      "miroir.yaml:8:7: nodes[0].address: This field is missing: it must be an address such as http://10.0.0.11:7700.",
      "miroir.yaml:8:16: nodes[0].adress: Unknown key. Did you mean address?",
      'environment MIROIR_LOG__LEVEL: log.level: It must be one of debug, info, warn, error, not "loud".',
    ]);
  });

  test("a rule between keys is still judged when another key is wrong, and left out when its own key is", () => {
    const other = load({ "miroir.yaml": `${VALID}  shards: x\n  server: { port: 9090 }\n` });
    expect(problemsOf(other).some((text) => text.includes("metrics.port: It must differ from server.port"))).toBe(true);
    const own = load({ "miroir.yaml": `${VALID}  server: { port: 99999 }\n  metrics: { port: 7700 }\n` });
    expect(problemsOf(own)).toEqual([
      "miroir.yaml:3:13: server.port: It must be a whole number from 0 to 65535, not 99999.",
    ]);
  });

  test.each([
    ["", "The file is empty"],
    ["- a\n", "must be a map"],
    ["shards: 3\n", "The key shards belongs below the top key miroir."],
    ["other: 3\n", "Unknown top key other"],
    ["miroir: 3\n", "must hold a map"],
    ["miroir:\n  shards: 1\n  shards: 2\n", "miroir.yaml:3:3: This is not valid YAML: Map keys must be unique"],
    ["miroir: {\n", "This is not valid YAML"],
  ])("the file %j is refused with a sentence", (text, sentence) => {
    expect(problemsOf(load({ "miroir.yaml": text })).join("\n")).toContain(sentence);
  });

  test("a file that cannot be read is named", () => {
    expect(problemsOf(load({}))).toContain("The configuration file cannot be read: miroir.yaml does not exist.");
  });

  test("an unknown variable with two underscores is refused, one without is a warning", () => {
    const wrong = load({ "miroir.yaml": VALID }, { env: { MIROIR_SCATTER__NODE_TIMEOUT: "1" } });
    expect(problemsOf(wrong)).toEqual([
      "environment MIROIR_SCATTER__NODE_TIMEOUT: This variable names no key of the configuration. Did you mean MIROIR_SCATTER__NODE_TIMEOUT_MS?",
    ]);
    const odd = accepted(load({ "miroir.yaml": VALID }, { env: { MIROIR_SHARD: "1", MIROIR_PORT_7700_TCP: "x" } }));
    expect(odd.warnings.filter((text) => text.startsWith("MIROIR_"))).toEqual([
      "MIROIR_SHARD: This variable names no key of the configuration. Did you mean MIROIR_SHARDS?",
    ]);
  });

  test("an unknown key of --set is refused with the nearest one", () => {
    const flags = [{ flag: "set serber.port", key: "serber.port", text: "1" }];
    expect(problemsOf(load({ "miroir.yaml": VALID }, { flags }))).toEqual([
      "flag --set serber.port: serber.port is no key of the configuration. Did you mean server.port?",
    ]);
  });

  test("TLS with one of its two files is refused", () => {
    const result = load({ "miroir.yaml": `${VALID}  server: { tls: { cert: /x } }\n` });
    expect(problemsOf(result).join()).toContain("server.tls.key: TLS needs both files");
  });
});

describe("secrets", () => {
  test("are read from the file that <key>_file names, relative to the configuration file", () => {
    const text = `${VALID}  master_key_file: secret\n  admin: { api_key_file: /run/admin }\n`;
    const { config, sourceOf } = accepted(
      load(
        { "etc/miroir.yaml": text, "etc/secret": "s3cret s3cret s3\n", "/run/admin": "boss" },
        { file: "etc/miroir.yaml" },
      ),
    );
    expect(config.master_key).toBe("s3cret s3cret s3");
    expect(config.admin.api_key).toBe("boss");
    expect(sourceOf(["master_key"])).toMatchObject({ kind: "file", line: 3 });
  });

  test("the environment has short names, long names and files", () => {
    const { config } = accepted(
      load(
        { "miroir.yaml": VALID, "/run/node": "node key" },
        {
          env: {
            MIROIR_ADMIN_API_KEY: "short",
            MIROIR_NODE_MASTER_KEY_FILE: "/run/node",
            SEARCH_UI_JWT_SECRET: "jwt",
            SEARCH_UI_JWT_SECRET_PREVIOUS: "old",
            ADMIN_SESSION_SEAL_KEY: "seal",
          },
        },
      ),
    );
    expect(config.admin.api_key).toBe("short");
    expect(config.node_master_key).toBe("node key");
    expect(config.search_ui.auth).toMatchObject({ jwt_secret: "jwt", jwt_secret_previous: "old" });
    expect(config.admin_ui.session_seal_key).toBe("seal");
  });

  test("two variables that disagree about one key are refused", () => {
    const env = { MIROIR_ADMIN_API_KEY: "one", MIROIR_ADMIN__API_KEY: "two" };
    expect(problemsOf(load({ "miroir.yaml": VALID }, { env })).join()).toContain("keep one of them");
  });

  test("a key and its file together are refused, and so are a missing and an empty file", () => {
    const both = load({ "miroir.yaml": `${VALID}  master_key: a\n  master_key_file: f\n`, f: "b" });
    expect(problemsOf(both)).toEqual([
      "miroir.yaml:4:3: master_key_file: It and master_key are both set: keep one of them.",
    ]);
    const missing = load({ "miroir.yaml": `${VALID}  master_key_file: f\n` });
    expect(problemsOf(missing)).toEqual([
      "miroir.yaml:3:3: master_key_file: The secret cannot be read: f does not exist.",
    ]);
    const empty = load({ "miroir.yaml": `${VALID}  master_key_file: f\n`, f: "\n" });
    expect(problemsOf(empty).join()).toContain("is empty");
  });

  test("a secret never shows in a problem, and is refused on the command line", () => {
    const wrong = load({ "miroir.yaml": `${VALID}  master_key: 123456789012345678\n` });
    expect(problemsOf(wrong)).toEqual(["miroir.yaml:3:3: master_key: It must be text."]);
    const flags = [{ flag: "set master_key", key: "master_key", text: "s3cret" }];
    const shown = problemsOf(load({ "miroir.yaml": VALID }, { flags })).join();
    expect(shown).toContain("shows in the process list");
    expect(shown).not.toContain("s3cret");
  });

  test("only secrets have a _file form", () => {
    const result = load({ "miroir.yaml": `${VALID}  shards_file: f\n`, f: "3" });
    expect(problemsOf(result)).toEqual([
      "miroir.yaml:3:3: shards_file: Unknown key: only secrets may be given as a file, and shards is none.",
    ]);
  });
});

describe("advice", () => {
  test("open mode, a missing node key and a missing admin key are said", () => {
    const warnings = accepted(load({ "miroir.yaml": VALID })).warnings.join("\n");
    expect(warnings).toContain("open mode");
    expect(warnings).toContain("node_master_key is empty");
    expect(warnings).toContain("admin.api_key is empty");
  });

  test("a complete configuration brings no warning", () => {
    const keys = "  master_key: 0123456789abcdef0x\n  node_master_key: n\n  admin: { api_key: b }\n";
    expect(accepted(load({ "miroir.yaml": VALID + keys })).warnings).toEqual([]);
  });
});
