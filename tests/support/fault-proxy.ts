/**
 * A proxy between the router and one node that spoils the line on demand: slow, silent, cut, dripping, closed. Works on
 * bytes, below HTTP, so that what the router sees is what a broken network or a dying node shows it.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "./free-port.ts";
import type { TestNode } from "./nodes.ts";

/** `when` limits a fault to requests whose first line it matches, for example `/^POST [^ ]*\/documents/`. */
export type Fault = (
  | { readonly kind: "none" }
  /** Every chunk of either side arrives later. */
  | { readonly kind: "latency"; readonly ms: number }
  /** Nothing passes until the fault is over; then everything does, in order. */
  | { readonly kind: "stall" }
  /** As when a cable is pulled: nothing passes, and what was sent meanwhile is lost with its connection. */
  | { readonly kind: "partition" }
  /** The node gets nothing of the request, its connection is reset. */
  | { readonly kind: "reset_request" }
  /** The node gets the request and acts on it; its answer is lost in a reset. */
  | { readonly kind: "reset_answer" }
  /** The answer ends after some bytes, with an orderly close. */
  | { readonly kind: "truncate"; readonly bytes: number }
  /** The answer comes in small pieces. */
  | { readonly kind: "drip"; readonly bytes: number; readonly everyMs: number }
  /** Connections are refused, open ones are reset. */
  | { readonly kind: "refuse" }
) & { readonly when?: RegExp };

export type FaultKind = Fault["kind"];

export interface FaultProxy {
  readonly url: string;
  readonly port: number;
  /** From now on, also on connections that are open already. */
  set(fault: Fault): void;
  /** The line is good again. */
  heal(): void;
  /** How often a fault has hit a request. */
  hits(): number;
  stop(): Promise<void>;
}

export async function startFaultProxy(target: { readonly port: number }): Promise<FaultProxy> {
  const port = freePort();
  const lines = new Set<Line>();
  let fault: Fault = { kind: "none" };
  let server: Server | null = null;
  let hits = 0;
  const current = (): Fault => fault;
  const hit = (): void => void (hits += 1);

  const open = async (): Promise<void> => {
    if (server !== null) return;
    const fresh = createServer({ noDelay: true }, (client) => {
      const line = new Line(client, connect({ port: target.port, host: "127.0.0.1", noDelay: true }), current, hit);
      lines.add(line);
      line.onEnd = () => lines.delete(line);
    });
    server = fresh;
    await new Promise<void>((resolve, reject) => {
      fresh.once("error", reject);
      fresh.listen({ port, host: "127.0.0.1", backlog: 1024 }, () => resolve());
    });
  };
  const close = (): void => {
    server?.close();
    server = null;
    for (const line of lines) line.reset();
  };

  await open();
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${port}`,
    port,
    set(next) {
      const before = fault;
      fault = next;
      if (next.kind === "refuse") close();
      else void open().catch(() => undefined);
      // What was on its way while the cable was out never arrives.
      if (before.kind === "partition") for (const line of lines) line.loseHeld();
      for (const line of lines) line.changed();
    },
    heal() {
      proxy.set({ kind: "none" });
    },
    hits: () => hits,
    async stop() {
      fault = { kind: "none" };
      close();
    },
  };
  return proxy;
}

/** The node as the router sees it: everything of it, but its address is the proxy's. */
export function behindProxy(node: TestNode, proxy: Pick<FaultProxy, "url" | "port">): TestNode {
  return {
    kind: node.kind,
    url: proxy.url,
    port: proxy.port,
    masterKey: node.masterKey,
    get pid() {
      return node.pid;
    },
    kill: () => node.kill(),
    restart: () => node.restart(),
    loseDisk: () => node.loseDisk(),
    stall: () => node.stall(),
    resume: () => node.resume(),
    stop: () => node.stop(),
  };
}

type Side = "request" | "answer";

/** One connection of the router and the one to the node that belongs to it. */
class Line {
  onEnd: () => void = () => {};
  readonly #client: Socket;
  readonly #node: Socket;
  readonly #fault: () => Fault;
  readonly #hit: () => void;
  readonly #held: { readonly side: Side; readonly bytes: Buffer }[] = [];
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  /** First line of the newest request. */
  #request = "";
  #answerBytes = 0;
  /** Chunks that wait for their time: later ones must not overtake them. */
  #latestMs = 0;
  #isCounted = false;

  constructor(client: Socket, node: Socket, fault: () => Fault, hit: () => void) {
    this.#client = client;
    this.#node = node;
    this.#fault = fault;
    this.#hit = hit;
    client.on("data", (bytes: Buffer) => this.#take("request", bytes));
    node.on("data", (bytes: Buffer) => this.#take("answer", bytes));
    for (const socket of [client, node]) {
      socket.on("error", () => this.reset());
      socket.on("close", () => this.#end());
    }
  }

  /** The fault is another by now: what was held for the former one is looked at again. */
  changed(): void {
    this.#isCounted = false;
    const held = this.#held.splice(0);
    for (const { side, bytes } of held) this.#pass(side, bytes);
  }

  loseHeld(): void {
    if (this.#held.length > 0) this.reset();
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#node.resetAndDestroy();
  }

  #end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#held.length = 0;
    // The last bytes of one side may still be on their way through the other.
    this.#client.end();
    this.#node.end();
    this.onEnd();
  }

  #take(side: Side, bytes: Buffer): void {
    if (side === "request") {
      const text = bytes.toString("latin1", 0, FIRST_LINE_BYTES_MAX);
      if (REQUEST.test(text)) {
        this.#request = text.slice(0, Math.max(0, text.indexOf("\r\n")));
        this.#answerBytes = 0;
        this.#isCounted = false;
      }
    }
    if (this.#held.length > 0) this.#held.push({ side, bytes });
    else this.#pass(side, bytes);
  }

  #pass(side: Side, bytes: Buffer): void {
    const fault = this.#fault();
    if (fault.kind === "none" || fault.when?.test(this.#request) === false) return this.#forward(side, bytes, 0);
    if (!this.#isCounted) this.#hit();
    this.#isCounted = true;
    if (fault.kind === "latency") return this.#forward(side, bytes, fault.ms);
    if (fault.kind === "stall" || fault.kind === "partition") return void this.#held.push({ side, bytes });
    if (fault.kind === "reset_request") return this.reset();
    if (fault.kind === "refuse") return this.reset();
    if (side === "request") return this.#forward(side, bytes, 0);
    if (fault.kind === "reset_answer") return this.reset();
    if (fault.kind === "truncate") return this.#truncate(bytes, fault.bytes);
    for (let at = 0; at < bytes.length; at += fault.bytes) {
      this.#forward(side, bytes.subarray(at, at + fault.bytes), fault.everyMs * (1 + at / fault.bytes));
    }
  }

  #truncate(bytes: Buffer, after: number): void {
    const left = after - this.#answerBytes;
    this.#answerBytes += bytes.length;
    if (bytes.length < left) return this.#forward("answer", bytes, 0);
    this.#client.end(bytes.subarray(0, Math.max(0, left)));
    this.#node.resetAndDestroy();
  }

  #forward(side: Side, bytes: Buffer, delayMs: number): void {
    const to = side === "request" ? this.#node : this.#client;
    const now = performance.now();
    const atMs = Math.max(this.#latestMs, now + delayMs);
    if (delayMs === 0 && atMs <= now) return void to.write(bytes);
    this.#latestMs = atMs;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!to.destroyed) to.write(bytes);
    }, atMs - now);
    this.#timers.add(timer);
  }
}

const FIRST_LINE_BYTES_MAX = 512;
const REQUEST = /^(?:GET|POST|PUT|PATCH|DELETE) /;
