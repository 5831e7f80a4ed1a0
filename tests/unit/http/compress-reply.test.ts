import { expect, test } from "bun:test";
import zlib from "node:zlib";
import { compress, negotiateEncoding } from "../../../src/http/compress-reply.ts";

test("the client's preference decides, and among equals the cheapest", () => {
  const cases: [string | null, string | null][] = [
    [null, null],
    ["", null],
    ["identity", null],
    ["gzip", "gzip"],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip, deflate, br", "gzip"],
    ["br;q=1.0, gzip;q=0.5", "br"],
    ["GZIP ; q=0.1", "gzip"],
    ["gzip;q=0, br;q=0", null],
    ["deflate", null],
    ["*", "gzip"],
    ["gzip;q=x", null],
  ];
  for (const [header, encoding] of cases)
    expect([header, negotiateEncoding(header)]).toEqual([header, encoding as never]);
});

test("what was compressed comes back, small and large", async () => {
  for (const text of ["{}", JSON.stringify("\u00e9".repeat(200_000))]) {
    expect(Buffer.from(zlib.gunzipSync(await compress(text, "gzip"))).toString()).toBe(text);
    expect(Buffer.from(zlib.zstdDecompressSync(await compress(text, "zstd"))).toString()).toBe(text);
    expect(Buffer.from(zlib.brotliDecompressSync(await compress(text, "br"))).toString()).toBe(text);
  }
});
