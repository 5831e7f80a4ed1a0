/**
 * An answer with what every run gives anew (times, durations, sizes, uids, keys) replaced by its kind, so that two
 * servers' answers can be compared as they are. A date stays a date and null stays null: only the value is taken out.
 */

/** Members that tell about the run, the machine or the moment. */
const VARYING =
  /^(?:taskUid|batchUid|canceledBy|enqueuedAt|startedAt|finishedAt|createdAt|updatedAt|lastUpdate|duration|processingTimeMs|processingTimeMS|requestUid|queryUid)$/;

/** How many bytes something takes is a matter of pages and copies. */
const SIZES =
  /^(?:rawDocumentDbSize|avgDocumentSize|databaseSize|usedDatabaseSize|preCompactionSize|postCompactionSize)$/;

/** What a node says about its own work; a router has no such thing or another one. */
const OWN_WORK = /^(?:progressTrace|writeChannelCongestion|internalDatabaseSizes|batchStrategy|performanceDetails)$/;

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const DATE = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const KEY = /\b[0-9a-f]{64}\b/g;

export function comparable(value: unknown): unknown {
  if (value instanceof Date) return "<date>";
  if (value instanceof Error) return comparable(errorFacts(value));
  if (typeof value === "string") return steadyText(value);
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !OWN_WORK.test(name))
      .map(([name, member]) => [name, memberOf(name, member)]),
  );
}

function memberOf(name: string, member: unknown): unknown {
  if (name === "facetDistribution") return inOrder(member);
  return varies(name, member) ? kindOf(member) : comparable(member);
}

/** The values of a facet are shown in the order in which they come, which a comparison of objects would not see. */
function inOrder(facets: unknown): unknown {
  if (typeof facets !== "object" || facets === null) return facets;
  return Object.fromEntries(Object.entries(facets).map(([name, counts]) => [name, Object.entries(counts as object)]));
}

function varies(name: string, member: unknown): boolean {
  if (name === "uid" || name === "next" || name === "from") return typeof member === "number";
  return VARYING.test(name) || SIZES.test(name);
}

function kindOf(member: unknown): unknown {
  return member === null ? null : `<${typeof member}>`;
}

function steadyText(text: string): string {
  return text.replace(UUID, "<uuid>").replace(DATE, "<date>").replace(KEY, "<key>");
}

/** What a client can find out about a failure, without the trace. */
function errorFacts(error: Error): unknown {
  const status = "response" in error && error.response instanceof Response ? error.response.status : undefined;
  return { error: error.name, message: error.message, status, cause: error.cause };
}
