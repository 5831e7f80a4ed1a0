/** Every route the engine documents is served or refused by name; none is forgotten, none is listed twice. */
import { expect, test } from "bun:test";
import { documentedRoutes } from "../../../scripts/api-coverage-page.ts";

/** The public routes of Meilisearch 1.50: methods, path. */
const ENGINE_ROUTES = `
GET /
GET /health
GET /version
GET /stats
GET /metrics
GET POST /indexes
GET PATCH DELETE /indexes/{indexUid}
GET /indexes/{indexUid}/stats
POST /indexes/{indexUid}/fields
POST /indexes/{indexUid}/compact
POST /swap-indexes
GET POST PUT DELETE /indexes/{indexUid}/documents
POST /indexes/{indexUid}/documents/fetch
GET DELETE /indexes/{indexUid}/documents/{documentId}
POST /indexes/{indexUid}/documents/delete-batch
POST /indexes/{indexUid}/documents/delete
POST /indexes/{indexUid}/documents/edit
GET POST /indexes/{indexUid}/search
POST /indexes/{indexUid}/facet-search
GET POST /indexes/{indexUid}/similar
POST /multi-search
GET PATCH DELETE /indexes/{indexUid}/settings
GET DELETE /tasks
GET /tasks/{taskUid}
GET /tasks/{taskUid}/documents
POST /tasks/cancel
POST /tasks/compact
GET /batches
GET /batches/{batchUid}
POST /dumps
POST /snapshots
POST /export
GET POST /keys
GET PATCH DELETE /keys/{keyOrUid}
GET PATCH /experimental-features
GET PATCH /network
POST /network/control
GET POST /webhooks
GET PATCH DELETE /webhooks/{uuid}
POST DELETE /dynamic-search-rules
GET PATCH DELETE /dynamic-search-rules/{uid}
POST DELETE /logs/stream
POST /logs/stderr
POST /render-template
GET /chats
GET DELETE /chats/{workspace}
GET PATCH /chats/{workspace}/settings
POST /chats/{workspace}/chat/completions
`;
const SETTINGS =
  "displayed-attributes searchable-attributes filterable-attributes sortable-attributes ranking-rules stop-words non-separator-tokens separator-tokens dictionary synonyms distinct-attribute proximity-precision typo-tolerance faceting pagination embedders search-cutoff-ms localized-attributes facet-search prefix-search";
const PATCHED = new Set(["typo-tolerance", "faceting", "pagination", "embedders"]);

const anonymous = (method: string, path: string): string => `${method} ${path.replaceAll(/\{[^}]*\}/g, "{}")}`;
const listed = documentedRoutes().map(({ method, path }) => anonymous(method, path));

function expected(): string[] {
  const rows = ENGINE_ROUTES.trim()
    .split("\n")
    .flatMap((line) => {
      const words = line.split(" ");
      const path = words.pop() ?? "";
      return words.map((method) => anonymous(method, path));
    });
  const settings = SETTINGS.split(" ").flatMap((name) =>
    ["GET", PATCHED.has(name) ? "PATCH" : "PUT", "DELETE"].map((method) =>
      anonymous(method, `/indexes/{indexUid}/settings/${name}`),
    ),
  );
  return [...rows, ...settings];
}

test("every route of the engine has a row", () => {
  const has = new Set(listed);
  expect(expected().filter((route) => !has.has(route))).toEqual([]);
});

test("no route is listed twice, and every row says how it is answered", () => {
  expect(listed.filter((route, position) => listed.indexOf(route) !== position)).toEqual([]);
  expect(documentedRoutes().filter(({ answered }) => answered.trim() === "")).toEqual([]);
});
