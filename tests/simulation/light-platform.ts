/**
 * Cheap stand-ins for what the runtime offers and the simulation uses thousands of times per history: signals,
 * requests, answers, copies of plain data, errors without a stack. They do no more than the router asks of them; that
 * they change no history is a test. Only a process that runs nothing but histories may install them.
 */
export function installLightPlatform(): void {
  Error.stackTraceLimit = 0;
  const nativeClone = globalThis.structuredClone;
  Object.assign(globalThis, {
    AbortController: LightController,
    AbortSignal: LightSignal,
    Request: LightRequest,
    Response: LightResponse,
    structuredClone: (value: unknown) => copyOf(value, nativeClone),
  });
}

type Listener = (event: { readonly type: "abort" }) => void;

class LightSignal {
  aborted = false;
  reason: unknown;
  #listeners: Set<Listener> | null = null;
  #dependents: Set<LightSignal> | null = null;

  /** As the standard has it: the signals that follow others fire after the listeners of those. */
  static any(signals: readonly LightSignal[]): LightSignal {
    const follower = new LightSignal();
    const first = signals.find(({ aborted }) => aborted);
    if (first !== undefined) {
      follower.aborted = true;
      follower.reason = first.reason;
      return follower;
    }
    for (const signal of signals) (signal.#dependents ??= new Set()).add(follower);
    return follower;
  }

  addEventListener(_type: "abort", listener: Listener): void {
    if (!this.aborted) (this.#listeners ??= new Set()).add(listener);
  }

  removeEventListener(_type: "abort", listener: Listener): void {
    this.#listeners?.delete(listener);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  fire(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    // A signal fires once, so that `once` makes no difference.
    for (const listener of this.#listeners ?? []) listener(ABORT);
    this.#listeners = null;
    const dependents = this.#dependents;
    this.#dependents = null;
    for (const dependent of dependents ?? []) dependent.fire(reason);
  }
}

const ABORT = { type: "abort" } as const;

class LightController {
  readonly signal = new LightSignal();

  abort(reason: unknown = new DOMException("The operation was aborted.", "AbortError")): void {
    this.signal.fire(reason);
  }
}

class LightHeaders {
  readonly #values: Readonly<Record<string, string>>;

  constructor(values: Readonly<Record<string, string>> = {}) {
    this.#values = values;
  }

  /** Few are ever asked for, so that the names are looked at then. */
  get(name: string): string | null {
    const asked = name.toLowerCase();
    for (const known in this.#values) if (known.toLowerCase() === asked) return this.#values[known] as string;
    return null;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class LightRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: LightHeaders;
  readonly signal = new LightSignal();
  readonly body: string | null;

  constructor(
    url: string,
    { method, headers, body }: { method: string; headers: Readonly<Record<string, string>>; body?: string },
  ) {
    this.url = url;
    this.method = method;
    this.headers = new LightHeaders(headers);
    this.body = body ?? null;
  }

  async bytes(): Promise<Uint8Array> {
    return encoder.encode(this.body ?? "");
  }
}

class LightResponse {
  readonly status: number;
  readonly headers: LightHeaders;
  readonly #body: string | Uint8Array | null;

  constructor(
    body: string | Uint8Array | null,
    { status, headers }: { status: number; headers: Readonly<Record<string, string>> },
  ) {
    this.#body = body;
    this.status = status;
    this.headers = new LightHeaders(headers);
  }

  async text(): Promise<string> {
    return this.#body instanceof Uint8Array ? decoder.decode(this.#body) : (this.#body ?? "");
  }
}

function copyOf(value: unknown, copyOther: (value: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => copyOf(one, copyOther));
  if (Object.getPrototypeOf(value) !== Object.prototype) return copyOther(value);
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copyOf((value as Record<string, unknown>)[key], copyOther);
  return copy;
}
