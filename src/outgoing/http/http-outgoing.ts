/**
 * `Outgoing` over HTTP. The name of the host is resolved once, and the connection goes to an address that was looked
 * at: a name that answers with a harmless address first and an internal one later gains nothing.
 */
import { lookup } from "node:dns";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { parseIpAddress } from "../../core/network/ip-address.ts";
import type { IpPolicy } from "../../core/network/ip-policy.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Outgoing, OutgoingFailure, OutgoingOutcome, OutgoingRequest } from "../outgoing.ts";

export interface HttpOutgoingParts {
  readonly clock: Pick<Clock, "startTimer">;
  readonly allows: IpPolicy;
}

export function createHttpOutgoing({ clock, allows }: HttpOutgoingParts): Outgoing {
  const guarded = guardedLookup(allows);
  return {
    async send(request, signal) {
      const url = URL.parse(request.url);
      if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
        return failed("invalid_url", "the address is not one of http or https");
      }
      const literal = parseIpAddress(url.hostname);
      if (literal !== undefined && !allows(literal)) return failed("rejected_ip", REJECTED);
      if (signal?.aborted === true) return failed("aborted", "given up before it was sent");
      const controller = new AbortController();
      let timedOut = false;
      const timer = clock.startTimer(request.timeoutMs, () => {
        timedOut = true;
        controller.abort();
      });
      const onAbort = (): void => controller.abort();
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        return await exchange(url, request, guarded, controller.signal);
      } catch (cause) {
        if (timedOut) return failed("timeout", `no complete answer within ${request.timeoutMs} ms`);
        if (controller.signal.aborted) return failed("aborted", "given up on the way");
        if (cause instanceof RejectedIp) return failed("rejected_ip", REJECTED);
        if (cause instanceof TooLarge) return failed("too_large", `the answer exceeds ${ANSWER_BYTES_MAX} bytes`);
        return failed("connection", cause instanceof Error ? cause.message : String(cause));
      } finally {
        timer.cancel();
        signal?.removeEventListener("abort", onAbort);
      }
    },
  };
}

function exchange(
  url: URL,
  request: OutgoingRequest,
  guarded: LookupFunction,
  signal: AbortSignal,
): Promise<OutgoingOutcome> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const options = { method: request.method, headers: headersOf(url, request), lookup: guarded, agent: false, signal };
    const outgoing = send(withoutCredentials(url), options, (answer) => {
      readText(answer).then((text) => resolve({ kind: "answered", status: answer.statusCode ?? 0, text }), reject);
    });
    outgoing.on("error", reject);
    outgoing.end(request.body);
  });
}

/** A name and a password in the address become the header that they stand for, unless the client sends its own. */
function headersOf(url: URL, request: OutgoingRequest): Record<string, string> {
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  // Headers are bytes: what is beyond ASCII goes out as UTF-8.
  for (const [name, value] of Object.entries(request.headers)) headers[name] = Buffer.from(value).toString("latin1");
  if (request.body !== undefined) headers["content-length"] = String(request.body.byteLength);
  const named = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  if (url.username !== "" && !named) {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  return headers;
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare;
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > ANSWER_BYTES_MAX) {
      answer.destroy();
      throw new TooLarge("too large");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Resolves a name as usual and passes on only addresses that may be called. */
function guardedLookup(allows: IpPolicy): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error?.message !== undefined) return done(error, []);
      const allowed = addresses.filter(({ address }) => {
        const parsed = parseIpAddress(address);
        return parsed !== undefined && allows(parsed);
      });
      const first = allowed[0];
      if (first === undefined) return done(new RejectedIp(REJECTED), []);
      if (options.all === true) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
}

class RejectedIp extends TypeError {
  override readonly name = "RejectedIp";
}

class TooLarge extends TypeError {
  override readonly name = "TooLarge";
}

function failed(reason: OutgoingFailure, message: string): OutgoingOutcome {
  return { kind: "failed", reason, message };
}

const REJECTED = "Rejected IP: `outgoing.allowed_ip_networks` does not name its network";
/** Answers are a word or a task; a body beyond this is somebody's mistake. */
const ANSWER_BYTES_MAX = 1_048_576;
