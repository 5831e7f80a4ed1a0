/** Search, facet search, similar documents and plain multi-search. */
import { NodeError } from "../node-error.ts";
import { search, type SearchEnvironment } from "../search/search.ts";
import { parameterValue, SEARCH_FIELDS, searchRequest, type SearchRequest } from "../search/search-request.ts";
import { similarDocuments, similarRequest, SIMILAR_FIELDS } from "../search/similar.ts";
import { facetSearch } from "./facet-search-route.ts";
import { checkFeatures } from "./check-features.ts";
import { unsupported } from "./unsupported.ts";
import {
  badIndexUid,
  indexUid,
  isIndexUid,
  jsonBody,
  queryParameters,
  reason,
  type NodeReply,
  type NodeRequestContext,
} from "./request.ts";
import type { Route } from "./route.ts";
import { checkFields, missingField, object, string, wrongKind, type FieldSpec } from "./validate.ts";

const path = "/indexes/:index";

export const searchRoutes: readonly Route[] = [
  { method: "POST", path: `${path}/search`, action: "search", handle: postSearch },
  { method: "GET", path: `${path}/search`, action: "search", handle: getSearch },
  {
    method: "POST",
    path: `${path}/facet-search`,
    action: "search",
    handle: (context) => facetSearch(context, environmentFor(context, indexUid(context))),
  },
  { method: "POST", path: `${path}/similar`, action: "search", handle: postSimilar },
  { method: "GET", path: `${path}/similar`, action: "search", handle: getSimilar },
  { method: "POST", path: "/multi-search", action: "search", handle: multiSearch },
];

async function postSearch(context: NodeRequestContext): Promise<NodeReply> {
  const uid = indexUid(context);
  return answer(context, uid, searchRequest(await jsonBody(context)));
}

function getSearch(context: NodeRequestContext): NodeReply {
  const uid = indexUid(context);
  const request = asParameters(() => {
    const known = Object.keys(SEARCH_FIELDS).flatMap((name) => parameterNames[name] ?? [name]);
    const values: Record<string, unknown> = {};
    for (const [name, text] of queryParameters(context, known)) values[name] = parameterValue(name, text);
    const { hybridEmbedder, hybridSemanticRatio, personalizeUserContext, ...rest } = values;
    if (hybridEmbedder === undefined && hybridSemanticRatio !== undefined) {
      throw new NodeError(
        "invalid_search_hybrid_query",
        "`hybridEmbedder` is mandatory when `hybridSemanticRatio` is present",
      );
    }
    if (hybridEmbedder === undefined && rest["vector"] !== undefined) {
      throw new NodeError("missing_search_hybrid", "`hybridEmbedder` is mandatory when `vector` is present");
    }
    if (personalizeUserContext !== undefined) throw unsupported("personalize");
    const hybrid =
      hybridEmbedder === undefined
        ? {}
        : {
            hybrid: {
              embedder: hybridEmbedder,
              ...(hybridSemanticRatio === undefined ? {} : { semanticRatio: hybridSemanticRatio }),
            },
          };
    return searchRequest({ ...rest, ...hybrid });
  });
  return answer(context, uid, request);
}

const parameterNames: Readonly<Record<string, readonly string[]>> = {
  hybrid: ["hybridEmbedder", "hybridSemanticRatio"],
  media: [],
  personalize: ["personalizeUserContext"],
};

/** Errors about JSON values said as errors about query parameters. */
function asParameters<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    const kind =
      /^Invalid value type at `\.(\w+)`: expected (a positive integer|a boolean|a number), but found a string: `"(.*)"`$/.exec(
        error.message,
      );
    if (kind === null) {
      const reworded = error.message
        .replace(/^(Unknown value .*?) at `\.(\w+)`/, "$1 for parameter `$2`")
        .replace(/at `\.(\w+)`/, "in parameter `$1`");
      throw new NodeError(error.code, reworded);
    }
    const [, name = "", expected, text = ""] = kind;
    const parameter = `Invalid value in parameter \`${name}\``;
    if (expected === "a number") {
      throw new NodeError(
        error.code,
        `${parameter}: the value of \`${name}\` is invalid, expected a float between \`0.0\` and \`1.0\`.`,
      );
    }
    const form = expected === "a boolean" ? "a boolean, expected either `true` or `false`" : "a positive integer";
    throw new NodeError(error.code, `${parameter}: could not parse \`${text}\` as ${form}`);
  }
}

function answer(context: NodeRequestContext, uid: string, request: SearchRequest): NodeReply {
  return { status: 200, body: runSearch(context, uid, request) };
}

function runSearch(context: NodeRequestContext, uid: string, request: SearchRequest): Record<string, unknown> {
  const started = performance.now();
  checkFeatures(request, context);
  const index = context.node.index(uid);
  const result = search(index, request, environmentFor(context, uid));
  const processingTimeMs = Math.floor(performance.now() - started);
  const answered = { ...result, processingTimeMs, requestUid: Bun.randomUUIDv7() };
  if (!/^(?:true|1)$/i.test(context.request.headers.get("meili-include-metadata") ?? "")) return answered;
  const { primaryKey } = index;
  const metadata = {
    query: request.q,
    queryUid: Bun.randomUUIDv7(),
    indexUid: uid,
    primaryKey: primaryKey ?? undefined,
  };
  return { ...answered, metadata };
}

function environmentFor(context: NodeRequestContext, uid: string): SearchEnvironment {
  return {
    isEnabled: (feature) => context.node.features[feature] === true,
    forcedFilter: context.authority.filterFor(uid),
  };
}

async function postSimilar(context: NodeRequestContext): Promise<NodeReply> {
  const uid = indexUid(context);
  return similar(context, uid, await jsonBody(context));
}

function getSimilar(context: NodeRequestContext): NodeReply {
  const values: Record<string, unknown> = {};
  for (const [name, text] of queryParameters(context, Object.keys(SIMILAR_FIELDS))) {
    values[name] = name === "embedder" ? text : parameterValue(name, text);
  }
  return asParameters(() => similar(context, indexUid(context), values));
}

function similar(context: NodeRequestContext, uid: string, body: unknown): NodeReply {
  const started = performance.now();
  const result = similarDocuments(context.node.index(uid), similarRequest(body), environmentFor(context, uid));
  return { status: 200, body: { ...result, processingTimeMs: Math.floor(performance.now() - started) } };
}

/** The queries one after another; merging them into one list is left to a real engine. */
async function multiSearch(context: NodeRequestContext): Promise<NodeReply> {
  const body = object(await jsonBody(context), "", "bad_request");
  const any: FieldSpec["check"] = (value) => value;
  const { queries, federation } = checkFields(body, {
    queries: { check: any, code: "bad_request" },
    federation: { check: any, code: "invalid_multi_search_federation" },
  });
  if (queries === undefined) throw missingField("queries", "", "bad_request");
  if (federation !== undefined) throw unsupported("federation");
  if (!Array.isArray(queries)) throw wrongKind(queries, ".queries", "an array", "bad_request");
  const specs = {
    indexUid: { check: string, code: "invalid_index_uid" },
    ...SEARCH_FIELDS,
    federationOptions: { check: any, code: "invalid_multi_search_federation_options" },
  };
  const requests = (queries as unknown[]).map((query, at) => {
    const { indexUid: uid, federationOptions, ...request } = checkFields(query, specs, `.queries[${at}]`);
    if (uid === undefined) throw missingField("indexUid", `.queries[${at}]`, "missing_index_uid");
    if (!isIndexUid(uid as string)) throw badIndexUid(uid as string, `Invalid value at \`.queries[${at}].indexUid\`: `);
    if (federationOptions !== undefined) {
      throw new NodeError(
        "invalid_multi_search_federation_options",
        `Inside \`.queries[${at}]\`: Using \`federationOptions\` is not allowed in a non-federated search.\n - Hint: remove \`federationOptions\` from the query or add \`federation\` to the request.`,
      );
    }
    return { uid: uid as string, request };
  });
  const results = requests.map(({ uid, request }, at) => {
    try {
      if (!context.authority.sees(uid)) throw new NodeError("invalid_api_key", "The provided API key is invalid.");
      return { indexUid: uid, ...runSearch(context, uid, request) };
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      const moved = new NodeError(error.code, `Inside \`.queries[${at}]\`: ${reason(error)}`);
      throw error.code === "index_not_found" ? new PositionedError(moved) : moved;
    }
  });
  return { status: 200, body: { results } };
}

/** A missing index is a bad request here, while it is "not found" on the index's own route. */
class PositionedError extends NodeError {
  constructor(error: NodeError) {
    super(error.code, error.message);
  }

  override get status(): number {
    return 400;
  }
}
