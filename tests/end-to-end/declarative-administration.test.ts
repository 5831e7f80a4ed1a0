/** Indexes, swaps, statistics, tasks and batches: one node and Miroir, situation by situation. */
import { evenings } from "../support/clients-scene-data.ts";
import {
  describeScenes,
  type Gives,
  type KnownDifferences,
  type Scene,
  type Situation,
} from "../support/clients-situations.ts";

const indexes: readonly Situation[] = [
  ["no index", "none", "GET", "/indexes"],
  ["make one without a key", "succeeded", "POST", "/indexes", { uid: "plain" }],
  ["make one with a key", "succeeded", "POST", "/indexes", { uid: "keyed", primaryKey: "isbn" }],
  ["make one with a null key", "succeeded", "POST", "/indexes", { uid: "nullkey", primaryKey: null }],
  ["make what is there", "failed index_already_exists", "POST", "/indexes", { uid: "plain" }],
  ["make one with every sign", "succeeded", "POST", "/indexes", { uid: "A-z_0-9" }],
  ["make one without a name", "missing_index_uid", "POST", "/indexes", {}],
  ["make one with an impossible name", "invalid_index_uid", "POST", "/indexes", { uid: "a.b" }],
  ["make one with a number as name", "invalid_index_uid", "POST", "/indexes", { uid: 7 }],
  ["make one with a list as key", "invalid_index_primary_key", "POST", "/indexes", { uid: "x", primaryKey: [] }],
  ["make one with something unknown", "bad_request", "POST", "/indexes", { uid: "x", key: "id" }],
  ["make one from nothing", "missing_payload", "POST", "/indexes", ""],
  ["make one from broken JSON", "malformed_payload", "POST", "/indexes", "{"],
  ["make one from another kind", "invalid_content_type", "POST", "/indexes", "x", { "content-type": "text/csv" }],
  ["look at one", "ok", "GET", "/indexes/keyed"],
  ["look at none", "index_not_found", "GET", "/indexes/nowhere"],
  ["look at an impossible one", "invalid_index_uid", "GET", "/indexes/a%20b"],
  ["all of them", "some", "GET", "/indexes"],
  ["a page of them", "some", "GET", "/indexes?offset=1&limit=2"],
  ["a page behind the end", "none", "GET", "/indexes?offset=90"],
  ["a page that is none", "invalid_index_offset", "GET", "/indexes?offset=-1"],
  ["a limit that is none", "invalid_index_limit", "GET", "/indexes?limit=x"],
  ["a parameter that is unknown", "bad_request", "GET", "/indexes?page=1"],
  ["give a key", "succeeded", "PATCH", "/indexes/plain", { primaryKey: "id" }],
  ["give another key", "succeeded", "PATCH", "/indexes/plain", { primaryKey: "number" }],
  ["change nothing", "succeeded", "PATCH", "/indexes/plain", {}],
  ["rename", "succeeded", "PATCH", "/indexes/plain", { uid: "simple" }],
  ["rename to itself", "succeeded", "PATCH", "/indexes/simple", { uid: "simple" }],
  ["rename to what is there", "failed index_already_exists", "PATCH", "/indexes/simple", { uid: "keyed" }],
  ["rename to an impossible name", "invalid_index_uid", "PATCH", "/indexes/simple", { uid: "a b" }],
  ["rename none", "failed index_not_found", "PATCH", "/indexes/nowhere", { uid: "somewhere" }],
  ["rename and give a key", "succeeded", "PATCH", "/indexes/nullkey", { uid: "both", primaryKey: "id" }],
  ["change the date it was made", "immutable_index_created_at", "PATCH", "/indexes/both", { createdAt: "2020-01-01" }],
  ["change the date of the last change", "immutable_index_updated_at", "PATCH", "/indexes/both", { updatedAt: "x" }],
  ["change something unknown", "bad_request", "PATCH", "/indexes/both", { colour: "red" }],
  ["fill one", "succeeded", "POST", "/indexes/keyed/documents", [{ isbn: "1" }, { isbn: "2" }]],
  [
    "give a full one another key",
    "failed index_primary_key_already_exists",
    "PATCH",
    "/indexes/keyed",
    { primaryKey: "id" },
  ],
  ["away with one", "succeeded", "DELETE", "/indexes/keyed"],
  ["away with none", "failed index_not_found", "DELETE", "/indexes/keyed"],
  ["away with an impossible one", "invalid_index_uid", "DELETE", "/indexes/a%20b"],
  ["those that stay", "some", "GET", "/indexes"],
];

const swap = (says: string, gives: Gives, body: unknown): Situation => [says, gives, "POST", "/swap-indexes", body];

const swaps: readonly Situation[] = [
  ["fill the left", "succeeded", "POST", "/indexes/left/documents", [{ id: 1, side: "left" }]],
  ["fill the right", "succeeded", "POST", "/indexes/right/documents", [{ id: 1, side: "right" }, { id: 2 }]],
  swap("left and right", "succeeded", [{ indexes: ["left", "right"] }]),
  ["the left is the right", "some", "GET", "/indexes/left/documents"],
  ["the right is the left", "some", "POST", "/indexes/right/search", {}],
  swap("no swap", "succeeded", []),
  swap("rename by swapping", "succeeded", [{ indexes: ["left", "middle"], rename: true }]),
  ["the old name is free", "index_not_found", "GET", "/indexes/left"],
  swap("rename by swapping to what is there", "failed index_already_exists", [
    { indexes: ["middle", "right"], rename: true },
  ]),
  swap("with none", "failed index_not_found", [{ indexes: ["middle", "nowhere"] }]),
  swap("none with none", "failed index_not_found", [{ indexes: ["nobody", "nowhere"] }]),
  swap("one alone", "invalid_swap_indexes", [{ indexes: ["middle"] }]),
  swap("three", "invalid_swap_indexes", [{ indexes: ["a", "b", "c"] }]),
  swap("the same twice", "invalid_swap_duplicate_index_found", [{ indexes: ["a", "b"] }, { indexes: ["b", "c"] }]),
  swap("one with itself", "invalid_swap_duplicate_index_found", [{ indexes: ["middle", "middle"] }]),
  swap("impossible names", "invalid_swap_indexes", [{ indexes: ["a b", "c"] }]),
  swap("a rename that is none", "invalid_swap_rename", [{ indexes: ["a", "b"], rename: "yes" }]),
  swap("no indexes", "missing_swap_indexes", [{}]),
  swap("no list", "bad_request", { indexes: ["a", "b"] }),
];

const stats: readonly Situation[] = [
  ["an index to count", "succeeded", "POST", "/indexes/counted/documents?primaryKey=id", evenings],
  ["one index", "ok", "GET", "/indexes/counted/stats"],
  ["all indexes", "ok", "GET", "/stats"],
  ["statistics of no index", "index_not_found", "GET", "/indexes/nowhere/stats"],
  ["something unknown", "bad_request", "GET", "/stats?size=big"],
  ["the version", "ok", "GET", "/version"],
  ["health", "ok", "GET", "/health"],
  ["the root", "ok", "GET", "/"],
  ["features", "ok", "GET", "/experimental-features"],
  ["a feature that is none", "bad_request", "PATCH", "/experimental-features", { fly: true }],
  ["a feature between on and off", "bad_request", "PATCH", "/experimental-features", { metrics: "on" }],
  ["the fields", "some", "POST", "/indexes/counted/fields", {}],
  ["the fields by pattern", "some", "POST", "/indexes/counted/fields", { filter: { attributePatterns: ["hall*"] } }],
  ["a page of fields", "some", "POST", "/indexes/counted/fields", { offset: 3, limit: 2 }],
  [
    "the searchable fields",
    "some",
    "POST",
    "/indexes/counted/fields",
    { filter: { searchable: true, sortable: false } },
  ],
  ["the fields of no index", "index_not_found", "POST", "/indexes/nowhere/fields", {}],
];

const tasks = (says: string, gives: Gives, query: string): Situation => [says, gives, "GET", `/tasks${query}`];
const batches = (says: string, gives: Gives, query: string): Situation => [says, gives, "GET", `/batches${query}`];

/** Only the tasks of this scene's index: the others of the file are not to be counted. */
const OWN = "indexUids=watched";

/** The same question to both lists, told apart by its words. */
function ofBoth(says: string, gives: Gives, query: string): readonly Situation[] {
  return [tasks(`tasks: ${says}`, gives, query), batches(`batches: ${says}`, gives, query)];
}

const lists: readonly Situation[] = [
  ["make", "succeeded", "POST", "/indexes", { uid: "watched", primaryKey: "id" }],
  ["add", "succeeded", "POST", "/indexes/watched/documents", [{ id: 1 }, { id: 2 }]],
  ["adjust", "succeeded", "PATCH", "/indexes/watched/settings", { stopWords: ["a"], filterableAttributes: ["id"] }],
  ["add badly", "failed missing_document_id", "POST", "/indexes/watched/documents", [{ name: 1 }]],
  ["delete one", "succeeded", "DELETE", "/indexes/watched/documents/1"],
  ["delete by filter", "succeeded", "POST", "/indexes/watched/documents/delete", { filter: "id = 2" }],
  ["change the key", "succeeded", "PATCH", "/indexes/watched", { primaryKey: "id" }],
  ...ofBoth("of an index", "some", `?${OWN}`),
  ...ofBoth("two of them", "some", `?${OWN}&limit=2`),
  ...ofBoth("none of them", "none", `?${OWN}&limit=0`),
  ...ofBoth("the oldest first", "some", `?${OWN}&reverse=true`),
  ...ofBoth("the failed", "some", `?${OWN}&statuses=failed`),
  ...ofBoth("the failed and the succeeded", "some", `?${OWN}&statuses=failed,succeeded&limit=3`),
  ...ofBoth("of a type", "some", `?${OWN}&types=documentDeletion`),
  ...ofBoth("of types and a state", "some", `?${OWN}&types=settingsUpdate,indexCreation&statuses=succeeded`),
  ...ofBoth("of all types", "some", `?${OWN}&types=*&statuses=*&canceledBy=*`),
  ...ofBoth("of no index", "none", "?indexUids=unheard-of"),
  ...ofBoth("before all time", "none", "?beforeEnqueuedAt=1999-01-01"),
  ...ofBoth("after all time", "none", "?afterFinishedAt=2999-01-01T00:00:00Z"),
  ...ofBoth("within all time", "some", `?${OWN}&afterStartedAt=1999-01-01&beforeFinishedAt=2999-01-01`),
  ...ofBoth("a state that is none", "invalid_task_statuses", "?statuses=lost"),
  ...ofBoth("a type that is none", "invalid_task_types", "?types=indexation"),
  ...ofBoth("an index that is none", "invalid_index_uid", "?indexUids=a%20b"),
  ...ofBoth("a number that is none", "invalid_task_uids", "?uids=one"),
  ...ofBoth("a limit that is none", "invalid_task_limit", "?limit=x"),
  ...ofBoth("a beginning that is none", "invalid_task_from", "?from=-1"),
  ...ofBoth("a reverse that is none", "invalid_task_reverse", "?reverse=maybe"),
  ...ofBoth("a date that is none", "invalid_task_before_started_at", "?beforeStartedAt=soon"),
  ...ofBoth("another date that is none", "invalid_task_after_enqueued_at", "?afterEnqueuedAt=2020-13-01"),
  ...ofBoth("a canceler that is none", "invalid_task_canceled_by", "?canceledBy=me"),
  ...ofBoth("a parameter that is unknown", "bad_request", "?page=2"),
  ...ofBoth("a batch that is none", "invalid_batch_uids", "?batchUids=x"),
  tasks("one task there never was", "task_not_found", "/999999"),
  tasks("one task that is none", "invalid_task_uids", "/first"),
  batches("one batch there never was", "batch_not_found", "/999999"),
  batches("one batch that is none", "invalid_batch_uids", "/first"),
];

const endings: readonly Situation[] = [
  ["cancel without saying what", "missing_task_filters", "POST", "/tasks/cancel"],
  ["cancel what is over", "succeeded", "POST", `/tasks/cancel?${OWN}`],
  ["cancel what never was", "succeeded", "POST", "/tasks/cancel?uids=999999"],
  ["cancel by a wrong state", "invalid_task_statuses", "POST", "/tasks/cancel?statuses=lost"],
  ["cancel by something unknown", "bad_request", "POST", "/tasks/cancel?limit=1"],
  ["delete without saying what", "missing_task_filters", "DELETE", "/tasks"],
  ["delete the failed of an index", "succeeded", "DELETE", `/tasks?${OWN}&statuses=failed`],
  tasks("the failed are gone", "none", `?${OWN}&statuses=failed`),
  ["delete what is still to come", "succeeded", "DELETE", `/tasks?${OWN}&statuses=enqueued`],
  ["delete by a wrong type", "invalid_task_types", "DELETE", "/tasks?types=indexation"],
  ["delete by a wrong date", "invalid_task_before_finished_at", "DELETE", "/tasks?beforeFinishedAt=soon"],
  ["delete all of an index", "succeeded", "DELETE", `/tasks?${OWN}&statuses=succeeded`],
  tasks("all are gone", "none", `?${OWN}`),
  batches("the batches went with them", "none", `?${OWN}`),
];

/** What Miroir does otherwise than one node, and why. */
const KNOWN: KnownDifferences = {};

const scenes: Readonly<Record<string, Scene>> = {
  indexes: { situations: indexes },
  swaps: { situations: swaps },
  "statistics and fields": { situations: stats },
  "lists of tasks and batches": { situations: lists },
  "the end of tasks": { situations: endings },
};

describeScenes("administration", scenes, KNOWN);
