import { describe, expect, test } from "bun:test";
import zlib from "node:zlib";
import { ApiError } from "../../../src/core/errors/api-error.ts";
import { failureOf } from "../../http/failure-of.ts";
import { readableBytes, readBody } from "../../../src/http/body-limit.ts";

const LIMIT = 1_000;
const signal = new AbortController().signal;

const post = (body: NonNullable<RequestInit["body"]>, headers: Record<string, string> = {}): Request =>
  new Request("http://x/", { method: "POST", body, headers });

/** Without a length, in pieces, as a chunked request arrives. */
function streamed(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk === undefined) controller.close();
      else controller.enqueue(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    },
  });
}

async function refusal(request: Request): Promise<[number, string, string]> {
  try {
    await readBody(request, LIMIT, signal);
  } catch (error) {
    if (error instanceof ApiError) return [error.status, error.code, error.message];
    throw error;
  }
  throw new TypeError("the body was accepted");
}

const TOO_LARGE: [number, string, string] = [
  413,
  "payload_too_large",
  "The provided payload reached the size limit. The maximum accepted payload size is 1 KB.",
];

describe("reading a body", () => {
  test("brings every byte, whatever way it comes", async () => {
    expect(Buffer.from(await readBody(post("hello"), LIMIT, signal)).toString()).toBe("hello");
    expect(Buffer.from(await readBody(post(streamed("hel", "lo")), LIMIT, signal)).toString()).toBe("hello");
    expect(await readBody(new Request("http://x/"), LIMIT, signal)).toHaveLength(0);
    expect(await readBody(post("x".repeat(LIMIT)), LIMIT, signal)).toHaveLength(LIMIT);
  });

  test("refuses a declared length beyond the limit without reading", async () => {
    const request = post(streamed("never read"), { "content-length": "1001" });
    expect(await refusal(request)).toEqual(TOO_LARGE);
    expect(request.bodyUsed).toBe(false);
  });

  test("stops reading a body of unknown length as soon as it is too long", async () => {
    let produced = 0;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        produced++;
        controller.enqueue(new Uint8Array(400));
      },
      cancel() {
        cancelled = true;
      },
    });
    expect(await refusal(post(endless))).toEqual(TOO_LARGE);
    expect(produced).toBeLessThan(6);
    expect(cancelled).toBe(true);
  });

  const encoders = {
    gzip: zlib.gzipSync,
    deflate: zlib.deflateSync,
    br: zlib.brotliCompressSync,
    zstd: zlib.zstdCompressSync,
  };
  for (const [encoding, encode] of Object.entries(encoders)) {
    test(`undoes ${encoding}, counting the limit after it`, async () => {
      const request = post(encode(Buffer.from("hello")), { "content-encoding": encoding });
      expect(Buffer.from(await readBody(request, LIMIT, signal)).toString()).toBe("hello");
      const bomb = encode(Buffer.alloc(5_000_000));
      expect(bomb.byteLength).toBeLessThan(10_000);
      const allowed = Math.max(LIMIT, bomb.byteLength);
      const attempt = readBody(post(bomb, { "content-encoding": encoding }), allowed, signal);
      expect(await failureOf(attempt)).toMatchObject({ status: 413 });
    });
  }

  test("says so when a body does not fit its encoding", async () => {
    const [status, code] = await refusal(post("hello", { "content-encoding": "gzip" }));
    expect([status, code]).toEqual([400, "bad_request"]);
  });

  test("takes an unknown encoding as none, as the engine does", async () => {
    const body = await readBody(post("hello", { "content-encoding": "x-none" }), LIMIT, signal);
    expect(Buffer.from(body).toString()).toBe("hello");
  });

  test("gives up when the request ends before the body", async () => {
    const controller = new AbortController();
    const stuck = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    const reading = readBody(post(stuck), LIMIT, controller.signal);
    controller.abort(new TypeError("enough"));
    expect((await failureOf(reading)).message).toContain("enough");
  });
});

test("sizes are written as the engine writes them", () => {
  const cases: [number, string][] = [
    [3, "3 B"],
    [1_024, "1 KiB"],
    [104_857_600, "100 MiB"],
    [104_857_601, "104.857601 MB"],
    [10_000, "10 KB"],
    [1_536, "1.536 KB"],
    [5 * 1024 ** 3, "5 GiB"],
  ];
  for (const [bytes, written] of cases) expect(readableBytes(bytes)).toBe(written);
});
