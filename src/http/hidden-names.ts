/**
 * Reads that name a field of Miroir's own: a single node has no such field, so it is none for the client either. The
 * request is rewritten before anything looks at it, and what is said about it speaks of the client's names.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { hideMarkersInFilter, hideMarkersInNames, mayNameInJson, showMarkers } from "../core/search/hide-markers.ts";
import type { Reply, RequestContext, Route } from "./route.ts";

/** `expiry`: documents may carry when they expire. */
export function withHiddenNames(routes: readonly Route[], expiry: boolean): readonly Route[] {
  return routes.map((route) => ({ ...route, handler: (context) => answered(route, context, expiry) }));
}

async function answered(route: Route, context: RequestContext, expiry: boolean): Promise<Reply> {
  const rewritten = route.method === "GET" ? rewrittenQuery(context, expiry) : await rewrittenBody(context, expiry);
  if (rewritten === null) return route.handler(context);
  try {
    return await route.handler(rewritten);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, body, retryAfterSeconds } = error;
    const told = { ...body, message: showMarkers(body.message) };
    throw new ApiError(status, told, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  }
}

function rewrittenQuery(context: RequestContext, expiry: boolean): RequestContext | null {
  // Not the query as it is written, in which any character may be an escape.
  if (![...context.query.values()].some((text) => mayNameInJson(Buffer.from(text)))) return null;
  const query = new URLSearchParams(context.query);
  for (const [name, text] of context.query) query.set(name, hide(name, plainFilter(name, text), expiry) as string);
  return { ...fieldsOf(context), query, rawQuery: query.toString(), body: () => context.body() };
}

/** A filter may be a JSON list, in which texts have escapes of their own. */
function plainFilter(name: string, text: string): string {
  if (name !== "filter" || !text.trimStart().startsWith("[")) return text;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** null: it names none, or nobody can read it, which is told elsewhere. */
async function rewrittenBody(context: RequestContext, expiry: boolean): Promise<RequestContext | null> {
  const body = await context.body();
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!mayNameInJson(bytes)) return null;
  const changed = rewrittenText(bytes.toString(), expiry);
  if (changed === null) return null;
  return { ...fieldsOf(context), query: context.query, rawQuery: context.rawQuery, body: async () => changed };
}

function rewrittenText(text: string, expiry: boolean): Uint8Array | null {
  try {
    return Buffer.from(JSON.stringify(rewrite(JSON.parse(text), expiry)));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Of a search, or of each of several. */
function rewrite(value: unknown, expiry: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => rewrite(one, expiry));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      NESTED.has(name) ? rewrite(one, expiry) : hide(name, one, expiry),
    ]),
  );
}

function hide(name: string, value: unknown, expiry: boolean): unknown {
  if (name === "filter") return hideMarkersInFilter(value, expiry);
  return NAMING.has(name) ? hideMarkersInNames(value, expiry) : value;
}

function fieldsOf(context: RequestContext): Omit<RequestContext, "query" | "rawQuery" | "body"> {
  const { request, requestId, path, params, authority, signal } = context;
  return { request, requestId, path, params, authority, signal, note: (fields) => context.note(fields) };
}

const NESTED: ReadonlySet<string> = new Set(["queries", "federation"]);
const NAMING: ReadonlySet<string> = new Set([
  "sort",
  "facets",
  "facetsByIndex",
  "distinct",
  "attributesToHighlight",
  "attributesToCrop",
]);
