/** `ttl` as it is written, and what follows from it for one index and for documents. */
import { describe, expect, test } from "bun:test";
import { configFrom } from "../../../src/config/config.ts";
import { configuredNumbers } from "../../../src/server/build-ttl.ts";
import { limitsOf, nodeFormOf } from "../../../src/server/limits.ts";
import { sweepNumbers } from "../../../src/services/ttl/sweep-policy.ts";

describe("the field that says when a document expires", () => {
  test("is one of the documents' own, or the marker, and no part of a field", () => {
    for (const name of ["expires_at", "_miroir_expires_at", "Läuft ab"]) {
      expect(configFrom({ ttl: { expires_at_field: name } }).ttl.expires_at_field).toBe(name);
    }
    for (const name of ["", "a.b", "_geo", "_vectors", "_miroir_shard", "x".repeat(201)]) {
      expect(() => configFrom({ ttl: { expires_at_field: name } })).toThrow();
    }
  });

  test("is nothing special where documents do not expire; else the marker is no client's unless it is that field", () => {
    const rules = (ttl: object) => limitsOf(configFrom({ ttl })).fields;
    const versioned = ["_miroir_shard", "_miroir_none", "_miroir_seq", "_miroir_updated_at"];
    expect(rules({})).toEqual({ reservedFields: versioned, expiryField: null });
    expect(rules({ enabled: true })).toEqual({ reservedFields: versioned, expiryField: "_miroir_expires_at" });
    expect(rules({ enabled: true, expires_at_field: "ends" })).toEqual({
      reservedFields: [...versioned, "_miroir_expires_at"],
      expiryField: "ends",
    });
    expect(nodeFormOf(configFrom({})).expiry).toBe(false);
    expect(nodeFormOf(configFrom({ ttl: { enabled: true } })).expiry).toBe(true);
  });
});

describe("an index", () => {
  const { ttl } = configFrom({
    ttl: { sweep_interval_s: 300, max_deletes_per_sweep: 50, per_index_overrides: { logs: { sweep_interval_s: 60 } } },
  });

  test("has the numbers that were set for it, then those configured for it, then those of all", () => {
    expect(configuredNumbers(ttl, "films")).toEqual({ intervalMs: 300_000, documentsMax: 50 });
    expect(configuredNumbers(ttl, "toString")).toEqual({ intervalMs: 300_000, documentsMax: 50 });
    const logs = configuredNumbers(ttl, "logs");
    expect(logs).toEqual({ intervalMs: 60_000, documentsMax: 50 });
    expect(sweepNumbers(logs, {})).toEqual(logs);
    expect(sweepNumbers(logs, { sweeps: { documentsMax: 7 } })).toEqual({ intervalMs: 60_000, documentsMax: 7 });
    expect(sweepNumbers(logs, { sweeps: { intervalS: 5 } })).toEqual({ intervalMs: 5_000, documentsMax: 50 });
  });

  test("has no numbers that mean nothing", () => {
    for (const wrong of [{ sweep_interval_s: 0 }, { max_deletes_per_sweep: 1.5 }, { other: 1 }]) {
      expect(() => configFrom({ ttl: { per_index_overrides: { logs: wrong } } })).toThrow();
    }
  });
});
