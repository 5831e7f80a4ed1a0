/** What is printed about a configuration: nothing secret, and nothing that could not be read back. */
import { describe, expect, test } from "bun:test";
import { parse } from "yaml";
import { configFrom } from "../../../src/config/config.ts";
import { jsonSchema, MASK, printedConfig } from "../../../src/config/describe.ts";
import { keyList } from "../../../src/config/key-list.ts";

describe("the printed configuration", () => {
  test("read back, it is the same configuration", () => {
    const config = configFrom({
      shards: 12,
      nodes: [{ id: "a", address: "http://a:1" }],
      search_ui: { enabled: true },
    });
    for (const format of ["yaml", "json"] as const) {
      const back = parse(printedConfig(config, { format })) as { miroir: never };
      expect(configFrom(back.miroir)).toEqual(config);
    }
  });

  test("shows no secret, neither a declared one nor a password inside an address", () => {
    const secret = "very-secret-text";
    const config = configFrom({
      master_key: secret,
      node_master_key: secret,
      admin: { api_key: secret },
      admin_ui: { session_seal_key: secret },
      search_ui: { auth: { jwt_secret: secret, jwt_secret_previous: secret } },
      task_store: { url: `redis://user:${secret}@host:6379/0` },
      cdc: { sinks: [{ type: "nats", url: `nats://user:${secret}@host` }] },
      tracing: { endpoint: `http://:${secret}@host` },
    });
    const printed = printedConfig(config, { format: "yaml" });
    expect(printed).not.toContain(secret);
    expect(printed).toContain(`nats://user:${MASK}@host`);
  });

  test("every secret key is masked", () => {
    for (const key of keyList.filter((one) => one.facts.secret)) {
      const values = key.path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), "zzz");
      expect(printedConfig(configFrom(values as never), { format: "json" })).not.toContain("zzz");
    }
  });

  test("says behind a value where it was set", () => {
    const printed = printedConfig(configFrom({ shards: 3 }), {
      format: "yaml",
      sourceOf: (path) => (path[0] === "shards" ? { kind: "flag", flag: "shards" } : { kind: "default" }),
    });
    expect(printed).toContain("shards: 3 # flag --shards\n");
  });
});

describe("the JSON Schema", () => {
  const schema = jsonSchema() as { properties: { miroir: Schema } };

  interface Schema {
    type?: string;
    description?: string;
    additionalProperties?: unknown;
    properties?: Record<string, Schema>;
  }

  test("has every key, described, and knows no others", () => {
    for (const key of keyList) {
      let place: Schema | undefined = schema.properties.miroir;
      for (const step of key.path) {
        expect(place?.additionalProperties).toBe(false);
        place = place?.properties?.[step];
      }
      expect(place?.description).toContain(key.facts.doc);
    }
  });

  test("allows secrets by file", () => {
    expect(schema.properties.miroir.properties?.["master_key_file"]).toMatchObject({ type: "string" });
  });
});
