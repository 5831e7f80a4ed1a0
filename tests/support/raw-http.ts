/** One HTTP/1.1 request over a socket of its own, byte for byte as given: no client rewrites path, headers or body. */
import { connect } from "node:net";

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** In this order; a name may come twice. `Host`, `Connection` and the length of the body are added. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array | undefined;
}

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; of several of one name all, with commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

export function rawRequest(port: number, request: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const body = request.body === undefined ? null : Buffer.from(request.body);
    const headers = [
      ...request.headers,
      ["Host", `127.0.0.1:${port}`],
      ["Connection", "close"],
      ...(body === null ? [] : [["Content-Length", String(body.byteLength)]]),
    ];
    const head = [`${request.method} ${request.path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
    const received: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(Buffer.from(`${head.join("\r\n")}\r\n\r\n`));
      if (body !== null) socket.write(body);
    });
    socket.on("data", (part) => received.push(Buffer.from(part)));
    socket.on("error", reject);
    socket.on("close", () => resolve(answerIn(Buffer.concat(received))));
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new TypeError(`no answer to ${head[0]}`)));
  });
}

function answerIn(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) throw new TypeError(`no answer but ${JSON.stringify(bytes.toString("latin1"))}`);
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  const body = bytes.subarray(end + 4);
  const chunked = headers.get("transfer-encoding")?.toLowerCase() === "chunked";
  return { status: Number(first.split(" ")[1]), headers, text: (chunked ? joined(body) : body).toString() };
}

/** The chunks of a body without their lengths. */
function joined(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const line = body.indexOf("\r\n", at);
    const length = line < 0 ? 0 : Number.parseInt(body.toString("latin1", at, line), 16);
    if (!(length > 0)) return Buffer.concat(chunks);
    chunks.push(body.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
}

const TIMEOUT_MS = 60_000;
