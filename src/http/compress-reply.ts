/**
 * Compression towards the client: once, here, and only when the client asks for it and the body is worth it. Nodes are
 * always asked for plain bodies.
 */
import zlib from "node:zlib";

export type Encoding = "zstd" | "gzip" | "br";

/** The client's most wanted of the encodings we have; among equals the one that costs the router least. null: none. */
export function negotiateEncoding(acceptEncoding: string | null): Encoding | null {
  if (acceptEncoding === null || acceptEncoding === "identity") return null;
  let best: Encoding | null = null;
  let bestQuality = 0;
  for (const part of acceptEncoding.toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";");
    const encoding = known(name.trim());
    const quality = qualityOf(parameters);
    if (encoding === null || quality <= 0) continue;
    if (quality > bestQuality || (quality === bestQuality && best !== null && rank(encoding) < rank(best))) {
      best = encoding;
      bestQuality = quality;
    }
  }
  return best;
}

/** Small bodies at once on this thread, which is cheaper than leaving it; large ones beside it. */
export function compress(body: string | Uint8Array, encoding: Encoding): Uint8Array | Promise<Uint8Array> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  if (bytes.byteLength <= INLINE_BYTES_MAX) {
    if (encoding === "zstd") return Bun.zstdCompressSync(bytes, { level: ZSTD_LEVEL });
    if (encoding === "gzip") return zlib.gzipSync(bytes, { level: GZIP_LEVEL });
    return zlib.brotliCompressSync(bytes, BROTLI);
  }
  if (encoding === "zstd") return Bun.zstdCompress(bytes, { level: ZSTD_LEVEL });
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, output: Uint8Array): void => (error === null ? resolve(output) : reject(error));
    if (encoding === "gzip") zlib.gzip(bytes, { level: GZIP_LEVEL }, done);
    else zlib.brotliCompress(bytes, BROTLI, done);
  });
}

/** A body below this fits one packet with its headers. */
export const COMPRESS_BYTES_MIN = 1_200;

function known(name: string): Encoding | null {
  if (name === "zstd" || name === "gzip" || name === "br") return name;
  return name === "*" || name === "x-gzip" ? "gzip" : null;
}

function rank(encoding: Encoding): number {
  return encoding === "zstd" ? 0 : encoding === "gzip" ? 1 : 2;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const text = parameter.trim();
    if (text.startsWith("q=")) return Number(text.slice(2)) || 0;
  }
  return 1;
}

const INLINE_BYTES_MAX = 64 * 1024;
const ZSTD_LEVEL = 1;
const GZIP_LEVEL = 1;
const BROTLI = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } };
