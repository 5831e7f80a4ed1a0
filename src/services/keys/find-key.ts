/**
 * What the nodes know of an API key. A node is asked, never guessed for; its answer is kept for a few seconds, so that
 * a key costs nothing per search, and forgotten at once when keys change through this router. Bounded on every side:
 * answers kept, lookups running, and what is worth asking at all.
 */
import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { apiError } from "../../core/errors/api-error.ts";
import type { Clock } from "../../platform/clock.ts";

export interface FoundKey {
  readonly uid: string;
  readonly actions: readonly string[];
  readonly indexes: readonly string[];
  /** Milliseconds since the epoch, or null for no end. */
  readonly expiresAt: number | null;
}

/** One node's answer to `GET /keys/{text or uid}`; throws when no node can be reached. */
export type AskNode = (
  path: string,
  signal: AbortSignal,
) => Promise<
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "refused"; readonly error: { readonly code: string } }
>;

export interface FindKeyDeps {
  readonly ask: AskNode;
  readonly clock: Clock;
  /** Keys are derived from it, so that a token's signature can be judged without asking anybody. */
  readonly nodeMasterKey: string;
}

export interface KeyFinder {
  /** The key a client presented, or null. Never finds anything by a uid, which is no secret. */
  byText(text: string, signal: AbortSignal): Promise<FoundKey | null>;
  byUid(uid: string, signal: AbortSignal): Promise<FoundKey | null>;
  /** The text a key with this uid has or would have on the nodes. Lower-case hyphenated uid. */
  textOf(uid: string): string;
  /** To be called after every change of keys through this router. */
  forget(): void;
}

export function createKeyFinder(deps: FindKeyDeps): KeyFinder {
  const kept = new Map<string, Kept>();
  const running = new Map<string, Promise<FoundKey | null>>();
  let generation = 0;

  const textOf = (uid: string): string => createHmac("sha256", deps.nodeMasterKey).update(uid).digest("hex");

  const keep = (id: string, key: FoundKey | null): void => {
    kept.delete(id);
    if (kept.size >= KEPT_MAX) kept.delete(kept.keys().next().value as string);
    kept.set(id, { key, until: deps.clock.monotonicMs() + (key === null ? ABSENT_MS : FOUND_MS) });
  };

  const lookUp = async (id: string, name: string): Promise<FoundKey | null> => {
    const startedIn = generation;
    // Not the signal of one request: others may be waiting for the same answer. The node client has its own deadline.
    const answer = await deps.ask(`/keys/${name}`, new AbortController().signal);
    const found = readAnswer(answer);
    // Only the key that was asked for is believed, by whichever of its two names.
    const key = found !== null && (found.uid === name || sameText(textOf(found.uid), name)) ? found : null;
    if (startedIn === generation) keep(id, key);
    return key;
  };

  const find = async (name: string, signal: AbortSignal): Promise<FoundKey | null> => {
    // Kept under a digest: no key stands in memory longer than its request, and a lookup tells nothing by its time.
    const id = hash("sha256", name, "base64");
    const known = kept.get(id);
    if (known !== undefined && deps.clock.monotonicMs() < known.until) return known.key;
    let lookup = running.get(id);
    if (lookup === undefined) {
      if (running.size >= LOOKUPS_MAX) {
        throw apiError("miroir_overloaded", "Too many API keys are being checked at the same time.");
      }
      lookup = lookUp(id, name);
      const mine = lookup;
      running.set(id, mine);
      void mine
        .catch(() => undefined)
        .then(() => {
          if (running.get(id) === mine) running.delete(id);
        });
    }
    return unlessAborted(lookup, signal);
  };

  return {
    textOf,
    byText: async (text, signal) => {
      // A key is a digest in hex; anything else is not worth a question, and might be somebody's other secret.
      if (!KEY_TEXT.test(text)) return null;
      return find(text.toLowerCase(), signal);
    },
    byUid: find,
    forget: () => {
      generation++;
      kept.clear();
      running.clear();
    },
  };
}

interface Kept {
  readonly key: FoundKey | null;
  readonly until: number;
}

function readAnswer(answer: Awaited<ReturnType<AskNode>>): FoundKey | null {
  if (answer.kind === "answered") return readKey(answer.text);
  const { code } = answer.error;
  // Nodes without a master key have no keys at all.
  if (code === "api_key_not_found" || code === "missing_master_key") return null;
  throw apiError(
    "miroir_node_unavailable",
    `The key could not be checked: a node refused to look it up (\`${code}\`).`,
  );
}

function readKey(text: string): FoundKey {
  const view = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const { uid, actions, indexes, expiresAt } = view;
  if (typeof uid !== "string" || !isTexts(actions) || !isTexts(indexes)) {
    throw apiError("miroir_node_unavailable", "The key could not be checked: a node described it in an unknown form.");
  }
  if (expiresAt === null || expiresAt === undefined) return { uid, actions, indexes, expiresAt: null };
  const time = typeof expiresAt === "string" ? Date.parse(expiresAt) : Number.NaN;
  // An end that cannot be read is taken as past: rights never widen.
  return { uid, actions, indexes, expiresAt: Number.isNaN(time) ? 0 : time };
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) {
      work.catch(() => undefined);
      return stop();
    }
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

const KEY_TEXT = /^[0-9a-f]{64}$/i;
const FOUND_MS = 5_000;
const ABSENT_MS = 1_000;
const KEPT_MAX = 1_000;
const LOOKUPS_MAX = 32;
