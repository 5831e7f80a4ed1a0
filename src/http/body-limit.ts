/**
 * The body of a request, whole and with its content-encoding undone. Never holds more than the limit of received and
 * the limit of inflated bytes, whatever the client declares: a small body that inflates to a huge one is cut off.
 */
import zlib from "node:zlib";
import { ApiError, apiError } from "../core/errors/api-error.ts";

export async function readBody(request: Request, bodyBytesMax: number, signal: AbortSignal): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > bodyBytesMax) throw payloadTooLarge(bodyBytesMax);
  if (request.body === null) return EMPTY;
  const received =
    declared === null
      ? await readCounted(request.body, bodyBytesMax, signal)
      : await readDeclared(request, Number(declared), bodyBytesMax, signal);
  const decode = DECODERS.get(request.headers.get("content-encoding")?.trim().toLowerCase() ?? "");
  return decode === undefined || received.byteLength === 0 ? received : inflate(decode, received, bodyBytesMax);
}

export function payloadTooLarge(bodyBytesMax: number): ApiError {
  const limit = readableBytes(bodyBytesMax);
  return apiError(
    "payload_too_large",
    `The provided payload reached the size limit. The maximum accepted payload size is ${limit}.`,
  );
}

/** As the engine writes sizes: the largest fitting unit, binary when the number divides by 1024, no rounding. */
export function readableBytes(bytes: number): string {
  const binary = bytes % 1024 === 0;
  const step = binary ? 1024 : 1000;
  const units = binary ? ["B", "KiB", "MiB", "GiB", "TiB"] : ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= step ** (unit + 1) && unit < units.length - 1) unit++;
  return `${bytes / step ** unit} ${units[unit]}`;
}

async function readDeclared(
  request: Request,
  declaredBytes: number,
  bodyBytesMax: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (request.body !== null && declaredBytes >= LARGE_BYTES) return readInto(request.body, declaredBytes, signal);
  const bytes = await receive(request.bytes());
  if (bytes.byteLength > bodyBytesMax) throw payloadTooLarge(bodyBytesMax);
  return bytes;
}

/** Into its place as it arrives: the runtime would hold a large body twice while it joins the parts. */
async function readInto(body: ReadableStream<Uint8Array>, length: number, signal: AbortSignal): Promise<Uint8Array> {
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const whole = new Uint8Array(length);
    let at = 0;
    for (;;) {
      const { done, value } = await receive(reader.read());
      if (done) break;
      if (at + value.byteLength > length) throw brokenOff();
      at = moveInto(whole, at, value);
    }
    signal.throwIfAborted();
    if (at < length) throw brokenOff();
    return whole;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) at = moveInto(whole, at, chunk);
  return whole;
}

/** Copies a part and gives its memory back at once: collecting it later would let a large body weigh double. */
function moveInto(whole: Uint8Array, at: number, part: Uint8Array): number {
  whole.set(part, at);
  const end = at + part.byteLength;
  if (part.byteLength === part.buffer.byteLength && part.buffer instanceof ArrayBuffer) part.buffer.transfer(0);
  return end;
}

/** A body of unknown length: counted while it arrives, and no longer read once it is too long. */
async function readCounted(
  body: ReadableStream<Uint8Array>,
  bodyBytesMax: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const { done, value } = await receive(reader.read());
      if (done) break;
      length += value.byteLength;
      if (length > bodyBytesMax) {
        cancel();
        throw payloadTooLarge(bodyBytesMax);
      }
      chunks.push(value);
    }
    signal.throwIfAborted();
    return chunks.length === 1 ? (chunks[0] as Uint8Array) : joined(chunks, length);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** A body that breaks off is the client's doing, or its absence. */
async function receive<T>(part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw brokenOff(error);
  }
}

function brokenOff(cause?: unknown): ApiError {
  return apiError("bad_request", "The provided payload is incomplete and cannot be parsed", { cause });
}

type Decoder = (
  input: Uint8Array,
  options: { maxOutputLength: number },
  done: (error: Error | null, output: Uint8Array) => void,
) => void;

function inflate(decoder: Decoder, input: Uint8Array, bodyBytesMax: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    decoder(input, { maxOutputLength: bodyBytesMax }, (error, output) => {
      if (error === null || error === undefined) return resolve(output);
      if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
        return reject(payloadTooLarge(bodyBytesMax));
      reject(
        apiError("bad_request", "The provided payload is incomplete and cannot be parsed", {
          cause: error,
        }),
      );
    });
  });
}

/** An encoding that is not in here is taken as no encoding, as the engine does. */
const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["gzip", zlib.gunzip],
  ["deflate", zlib.inflate],
  ["br", zlib.brotliDecompress],
  ["zstd", zlib.zstdDecompress],
]);

/** Bodies from this size on are put together here. */
const LARGE_BYTES = 1_048_576;
const EMPTY = new Uint8Array(0);
