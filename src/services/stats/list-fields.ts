/**
 * `POST /indexes/{uid}/fields`: the union of what the nodes know, since a node knows only the fields of its own
 * documents. The nodes judge and apply everything but what differs from the client's view: which fields are displayed,
 * which are Miroir's, and the page.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { apiError, nodeError } from "../../core/errors/api-error.ts";
import { isObject, isStringList } from "../../core/settings/json-shape.ts";
import { scatter } from "../../scatter/scatter.ts";
import { askReadable } from "../broadcast/ask-readable.ts";
import { isMarker, reading, type StatsDeps } from "./index-stats.ts";

export interface FieldsPage {
  readonly results: readonly FieldView[];
  readonly offset: number;
  readonly limit: number;
  readonly total: number;
}

/** The engine reads the body before it looks for the index. */
async function visibleEntry(deps: StatsDeps, uid: string, text: string, signal?: AbortSignal): Promise<IndexEntry> {
  try {
    return deps.catalog.visible(uid);
  } catch (error) {
    const path = `/indexes/${encodeURIComponent(uid)}/fields`;
    const outcome = await askReadable(deps.fleet, { ...reading(deps, path), method: "POST", body: text }, signal);
    if (outcome.kind === "refused") throw nodeError(outcome.status, outcome.error);
    throw error;
  }
}

export interface FieldView {
  readonly name: string;
  readonly displayed: { readonly enabled: boolean };
}

/** `body` is the client's, parsed; `text` the same as it was sent. */
export async function listFields(
  deps: StatsDeps,
  uid: string,
  text: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<FieldsPage> {
  const entry = await visibleEntry(deps, uid, text, signal);
  const nodeIds = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.readable(nodeId));
  const asked = isObject(body) ? widened(body) : undefined;
  const outcomes = await scatter(
    nodeIds.map((nodeId) => ({
      client: deps.fleet.client(nodeId),
      request: {
        method: "POST",
        path: `/indexes/${uid}/fields`,
        body: asked === undefined ? text : JSON.stringify(asked),
        operation: "fields.list",
        timeoutMs: deps.timeoutMs,
        repeat: "safe",
      },
    })),
    signal,
  );
  const fields = new Map<string, FieldView>();
  for (const outcome of outcomes) {
    if (outcome.kind === "refused") throw nodeError(outcome.status, outcome.error);
    if (outcome.kind === "unavailable") continue;
    const { results } = JSON.parse(outcome.text) as FieldsPage;
    for (const field of results) {
      if (!isMarker(field.name, deps))
        fields.set(field.name, withDisplayed(field, entry.settings["displayedAttributes"]));
    }
  }
  if (outcomes.every((outcome) => outcome.kind === "unavailable")) {
    throw apiError("miroir_node_unavailable", "No node answers that could list the fields of this index.");
  }
  return pageOf([...fields.values()], isObject(body) ? body : {});
}

/** More than an index can have. */
const FIELDS_MAX = 1_000_000;

/** Values a node would refuse stay in, so that it does. */
function widened(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const wide: Record<string, unknown> = { ...body };
  if (body["offset"] === undefined || isCount(body["offset"])) wide["offset"] = 0;
  if (body["limit"] === undefined || isCount(body["limit"])) wide["limit"] = FIELDS_MAX;
  const filter = body["filter"];
  if (isObject(filter) && typeof filter["displayed"] === "boolean") {
    const { displayed: _displayed, ...others } = filter;
    wide["filter"] = others;
  }
  return wide;
}

function withDisplayed(field: FieldView, displayed: unknown): FieldView {
  if (!isStringList(displayed) || displayed.includes("*")) return field;
  const enabled = displayed.some((name) => field.name === name || field.name.startsWith(`${name}.`));
  return { ...field, displayed: { enabled } };
}

function pageOf(fields: readonly FieldView[], body: Readonly<Record<string, unknown>>): FieldsPage {
  const filter = body["filter"];
  const displayed = isObject(filter) ? filter["displayed"] : undefined;
  const wanted = typeof displayed === "boolean" ? fields.filter((one) => one.displayed.enabled === displayed) : fields;
  const sorted = wanted.toSorted((left, right) => Buffer.compare(Buffer.from(left.name), Buffer.from(right.name)));
  const offset = Number(body["offset"] ?? 0);
  const limit = Number(body["limit"] ?? 20);
  return { results: sorted.slice(offset, offset + limit), offset, limit, total: sorted.length };
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
