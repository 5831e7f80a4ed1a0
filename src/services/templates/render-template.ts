/**
 * Rendering a template on one node: an owner of the document that the request names, else any. What is shown is what a
 * single node would show: neither the hidden fields nor the template that leaves them out.
 */
import { apiError, type ErrorBody, nodeError } from "../../core/errors/api-error.ts";
import { shardOf } from "../../core/routing/shard-of.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import { isObject } from "../../core/settings/json-shape.ts";
import {
  DEFAULT_DOCUMENT_TEMPLATE,
  isNodeDocumentTemplate,
  NODE_DOCUMENT_TEMPLATE,
} from "../../core/settings/node-form.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Fleet } from "../fleet/fleet.ts";

export interface RenderTemplateDeps {
  readonly fleet: Pick<Fleet, "nodeIds" | "readable" | "client" | "shardMap">;
  readonly catalog: Pick<Catalog, "get">;
  readonly timeoutMs: number;
}

/** The indexes that a request touches; whoever sends it must be allowed to see them. */
export function templateIndexes(body: unknown): readonly string[] {
  const names = ["template", "input"].map((part) => member(body, part, "indexUid"));
  return names.filter((name) => typeof name === "string");
}

/** `text` is the client's body, `value` the same, parsed. */
export async function renderTemplate(
  deps: RenderTemplateDeps,
  text: string,
  value: unknown,
  signal: AbortSignal,
): Promise<string> {
  const body = usesDefault(value) ? JSON.stringify(withNodeTemplate(value)) : text;
  for (const nodeId of candidates(deps, value)) {
    const outcome = await deps.fleet.client(nodeId).send(
      {
        method: "POST",
        path: "/render-template",
        body,
        operation: "render_template",
        timeoutMs: deps.timeoutMs,
        repeat: "safe",
      },
      signal,
    );
    if (outcome.kind === "refused") throw nodeError(outcome.status, withoutMarkers(outcome.error));
    if (outcome.kind === "answered") return shown(outcome.text);
  }
  throw apiError("miroir_node_unavailable", "No node answers that could render the template.");
}

function candidates({ fleet, catalog }: RenderTemplateDeps, value: unknown): readonly string[] {
  const indexUid = member(value, "input", "indexUid");
  const id = member(value, "input", "id");
  const entry = typeof indexUid === "string" ? catalog.get(indexUid) : undefined;
  if (entry === undefined || typeof id !== "string") return fleet.nodeIds().filter(fleet.readable);
  const map = fleet.shardMap(entry.shards);
  return map.owners.flatMap((owned) => owned[shardOf(id, map.shards)] ?? []).filter(fleet.readable);
}

/** A template that names what is not there is told what is. */
function withoutMarkers(error: ErrorBody): ErrorBody {
  const { message } = cleanNodeError(error);
  return { ...error, message: message.replaceAll(/(?:, _miroir_\w+|_miroir_\w+, )/g, "") };
}

function usesDefault(value: unknown): boolean {
  return member(value, "template", "inline") === DEFAULT_DOCUMENT_TEMPLATE;
}

function withNodeTemplate(value: unknown): unknown {
  const request = value as { readonly template: object };
  return { ...request, template: { ...request.template, inline: NODE_DOCUMENT_TEMPLATE } };
}

function shown(text: string): string {
  if (!text.includes("_miroir_")) return text;
  const answer = JSON.parse(text) as { readonly template: unknown; readonly rendered: unknown };
  const template = isNodeDocumentTemplate(answer.template) ? DEFAULT_DOCUMENT_TEMPLATE : answer.template;
  const { rendered } = answer;
  return JSON.stringify({
    template,
    rendered: typeof rendered === "string" ? rendered.replaceAll(/^.*\b_miroir_\w+.*\n?/gm, "") : rendered,
  });
}

function member(body: unknown, part: string, name: string): unknown {
  const inside = isObject(body) ? body[part] : undefined;
  return isObject(inside) ? inside[name] : undefined;
}
