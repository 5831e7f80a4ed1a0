/**
 * Keys are made, renamed and deleted on all nodes or on none. One uid for all of them makes the derived key text the
 * same everywhere, since the nodes share their master key. A node judges every request, in its own words.
 */
import { nodeError } from "../../core/errors/api-error.ts";
import { isObject } from "../../core/settings/json-shape.ts";
import type { Random } from "../../platform/random.ts";
import { askReadable, type AskableFleet } from "../broadcast/ask-readable.ts";
import { type EveryNodeDeps, onEveryNode } from "../broadcast/on-every-node.ts";
import { type KeyView, keyRequests } from "./key-requests.ts";

export interface KeysDeps extends EveryNodeDeps {
  readonly fleet: EveryNodeDeps["fleet"] & AskableFleet;
  readonly random: Pick<Random, "uuidV4">;
  /** What is remembered of keys is no longer true. */
  readonly forget: () => void;
  /** One change at a time. */
  readonly queue: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface KeyAnswer {
  readonly status: number;
  readonly text: string;
}

/** `text` is the client's body; `value` the same, parsed. */
export async function createKey(deps: KeysDeps, text: string, value: unknown): Promise<KeyAnswer> {
  const wantsUid = isObject(value) && !Object.hasOwn(value, "uid");
  const uid = wantsUid ? deps.random.uuidV4() : isObject(value) ? value["uid"] : undefined;
  const body = wantsUid ? JSON.stringify({ ...value, uid }) : text;
  return change(deps, {
    request: keyRequests.create(body),
    tolerated: [],
    undo: typeof uid === "string" ? keyRequests.remove(uid) : null,
  });
}

export async function updateKey(deps: KeysDeps, id: string, text: string): Promise<KeyAnswer> {
  return deps.queue(async () => {
    const before = await currentKey(deps, id, keyRequests.update(id, text));
    const undo = JSON.stringify({ name: before.name, description: before.description });
    const request = keyRequests.update(id, text);
    return finish(deps, await onEveryNode(deps, { request, tolerated: [], undo: keyRequests.update(id, undo) }));
  });
}

export async function deleteKey(deps: KeysDeps, id: string): Promise<KeyAnswer> {
  return deps.queue(async () => {
    const before = await currentKey(deps, id);
    const request = keyRequests.remove(id);
    const tolerated = ["api_key_not_found"];
    return finish(deps, await onEveryNode(deps, { request, tolerated, undo: keyRequests.recreate(before) }));
  });
}

/** `query` with its `?`, as the client sent it. */
export function listKeys(deps: Pick<KeysDeps, "fleet">, query: string, signal: AbortSignal): Promise<KeyAnswer> {
  return ask(deps, keyRequests.list(query), signal);
}

export function getKey(deps: Pick<KeysDeps, "fleet">, id: string, signal: AbortSignal): Promise<KeyAnswer> {
  return ask(deps, keyRequests.get(id), signal);
}

function change(deps: KeysDeps, input: Parameters<typeof onEveryNode>[1]): Promise<KeyAnswer> {
  return deps.queue(async () => finish(deps, await onEveryNode(deps, input)));
}

function finish(deps: KeysDeps, answer: KeyAnswer): KeyAnswer {
  deps.forget();
  return { status: answer.status, text: answer.text };
}

/** `change`: what a node has to say to it where there is no such key, since it looks at the request first. */
async function currentKey(deps: KeysDeps, id: string, change?: Parameters<typeof askReadable>[1]): Promise<KeyView> {
  const outcome = await askReadable(deps.fleet, keyRequests.get(id));
  if (outcome.kind === "answered") return JSON.parse(outcome.text) as KeyView;
  if (change !== undefined) await ask(deps, change);
  throw nodeError(outcome.status, outcome.error);
}

async function ask(
  deps: Pick<KeysDeps, "fleet">,
  request: Parameters<typeof askReadable>[1],
  signal?: AbortSignal,
): Promise<KeyAnswer> {
  const outcome = await askReadable(deps.fleet, request, signal);
  if (outcome.kind === "refused") throw nodeError(outcome.status, outcome.error);
  return { status: outcome.status, text: outcome.text };
}
