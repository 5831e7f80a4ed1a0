/** Documents in and out: every format, every refusal, every task: one node and Miroir, situation by situation. */
import { evenings } from "../support/clients-scene-data.ts";
import { describeScenes, type Gives, type Request, type Scene, type Situation } from "../support/clients-situations.ts";

const DOCUMENTS = "/indexes/depot/documents";
const JSON_LINES = { "content-type": "application/x-ndjson" };
const CSV = { "content-type": "text/csv" };

const add = (says: string, gives: Gives, body: unknown, query = "", headers?: Request[3]): Situation =>
  headers === undefined
    ? [says, gives, "POST", DOCUMENTS + query, body]
    : [says, gives, "POST", DOCUMENTS + query, body, headers];
const update = (says: string, gives: Gives, body: unknown, query = ""): Situation => [
  says,
  gives,
  "PUT",
  DOCUMENTS + query,
  body,
];
const look = (says: string, gives: Gives, path: string): Situation => [says, gives, "GET", `/indexes/${path}`];
const fetchBy = (says: string, gives: Gives, body: unknown): Situation => [
  says,
  gives,
  "POST",
  "/indexes/evenings/documents/fetch",
  body,
];

const adding: readonly Situation[] = [
  add(
    "a list",
    "succeeded",
    [
      { id: 1, name: "one" },
      { id: 2, name: "two" },
    ],
    "?primaryKey=id",
  ),
  add("one document without a list", "succeeded", { id: 3, name: "three" }),
  add("lines", "succeeded", '{"id":4,"name":"four"}\n\n{"id":"five","name":"5"}\n', "", JSON_LINES),
  add("a table", "succeeded", "id,name\n6,six\n7,\n", "", CSV),
  add(
    "a table with types",
    "succeeded",
    "id:number,name,open:boolean,size:number\n8,eight,true,1.50\n9,nine,,\n",
    "",
    CSV,
  ),
  add("a table with another delimiter", "succeeded", "id|name\n10|ten, really\n", "?csvDelimiter=%7C", CSV),
  add("a table with quotes and breaks", "succeeded", 'id,name\n11,"a ""b""\nc"\n', "", CSV),
  add("an empty list", "succeeded", []),
  add("the same document twice", "succeeded", [
    { id: 12, name: "first" },
    { id: 12, name: "second" },
  ]),
  add("a number and its text are one id", "succeeded", [
    { id: 13, name: "number" },
    { id: "13", name: "text" },
  ]),
  add("a great number as id", "succeeded", '[{"id":9007199254740993,"name":"great"}]'),
  add("replace a document", "succeeded", [{ id: 1, label: "no name any more" }]),
  add("with a remark", "succeeded", [{ id: 14 }], "?customMetadata=about%20this"),
  add(
    "create nothing",
    "succeeded",
    [
      { id: 1, label: "again" },
      { id: 999, label: "never" },
    ],
    "?skipCreation=true",
  ),
  add("the key as it is", "succeeded", [{ id: 15 }], "?primaryKey=id"),
  look("what is there now", "some", "depot/documents?limit=100"),
  look("the great number", "ok", "depot/documents/9007199254740993"),
  add("an impossible id", "failed invalid_document_id", [{ id: 16 }, { id: "no spaces" }]),
  add("an id with a point", "failed invalid_document_id", [{ id: 1.5 }]),
  add("an id that is null", "failed invalid_document_id", [{ id: null }]),
  add("an id that is a list", "failed invalid_document_id", [{ id: [1] }]),
  add("an empty id", "failed invalid_document_id", [{ id: "" }]),
  add("no id", "failed missing_document_id", [{ id: 17 }, { name: "nobody" }]),
  look("nothing of a bad list is kept", "document_not_found", "depot/documents/16"),
  add("another key", "failed index_primary_key_already_exists", [{ key: 1 }], "?primaryKey=key"),
  add("broken JSON", "malformed_payload", '[{"id":1'),
  add("JSON of something else", "malformed_payload", "[1,2]"),
  add("a broken line", "malformed_payload", '{"id":1}\n{"id":', "", JSON_LINES),
  add("a table with a short row", "malformed_payload", "id,name\n1\n", "", CSV),
  add("a table with a number that is none", "malformed_payload", "id,size:number\n1,big\n", "", CSV),
  add("nothing", "missing_payload", ""),
  add("no lines", "missing_payload", "", "", JSON_LINES),
  add("no table", "missing_payload", "", "", CSV),
  add("another kind of text", "invalid_content_type", "x", "", { "content-type": "text/plain" }),
  add("a delimiter for no table", "invalid_content_type", [{ id: 1 }], "?csvDelimiter=;"),
  add("a delimiter of two signs", "invalid_document_csv_delimiter", "id\n1\n", "?csvDelimiter=ab", CSV),
  add("a delimiter beyond ASCII", "invalid_document_csv_delimiter", "id\n1\n", "?csvDelimiter=%F0%9F%8D%B0", CSV),
  add("an unknown parameter", "bad_request", [{ id: 1 }], "?key=id"),
  add("create something or not", "invalid_skip_creation", [{ id: 1 }], "?skipCreation=maybe"),
  ["an impossible index", "invalid_index_uid", "POST", "/indexes/a%20b/documents", [{ id: 1 }]],
];

const updating: readonly Situation[] = [
  update("some fields of a document", "succeeded", [{ id: 2, size: 2 }]),
  update("a nested field is replaced as a whole", "succeeded", [
    { id: 2, box: { a: 1 } },
    { id: 2, box: { b: 2 } },
  ]),
  update("a document that is not there", "succeeded", [{ id: 20, name: "new" }]),
  update(
    "a document that is not there, and create nothing",
    "succeeded",
    [{ id: 21, name: "never" }],
    "?skipCreation=true",
  ),
  update("a field to null", "succeeded", [{ id: 2, name: null }]),
  look("what became of it", "ok", "depot/documents/2"),
  update("an impossible id again", "failed invalid_document_id", [{ id: "a b" }]),
  update("no id again", "failed missing_document_id", [{ size: 1 }]),
  update("broken JSON again", "malformed_payload", "{"),
  update("nothing again", "missing_payload", ""),
];

const primaryKeys: readonly Situation[] = [
  ["found: one candidate", "succeeded", "POST", "/indexes/guess-a/documents", [{ bookID: 1, name: "x" }]],
  look("and kept", "ok", "guess-a"),
  ["found: none", "failed index_primary_key_no_candidate_found", "POST", "/indexes/guess-b/documents", [{ name: "x" }]],
  look("and the index is there without", "ok", "guess-b"),
  [
    "found: several",
    "failed index_primary_key_multiple_candidates_found",
    "POST",
    "/indexes/guess-c/documents",
    [{ id: 1, otherId: 2 }],
  ],
  ["a nested key", "succeeded", "POST", "/indexes/guess-d/documents?primaryKey=in.side", [{ in: { side: 5 } }]],
  look("found by its nested key", "ok", "guess-d/documents/5"),
  [
    "a key that the documents lack",
    "failed missing_document_id",
    "POST",
    "/indexes/guess-e/documents?primaryKey=no",
    [{ id: 1 }],
  ],
];

const reading: readonly Situation[] = [
  look("the first twenty", "some", "evenings/documents"),
  look("a page", "some", "evenings/documents?offset=50&limit=7"),
  look("a page behind the end", "none", "evenings/documents?offset=500"),
  look("a page of nothing", "none", "evenings/documents?limit=0"),
  look("some fields", "some", "evenings/documents?fields=id,hall.name,nowhere&limit=4"),
  look("all fields", "some", "evenings/documents?fields=*&limit=4"),
  look("by filter", "some", "evenings/documents?filter=kind%20%3D%20play"),
  look("by ids", "some", "evenings/documents?ids=7,3,900,3"),
  look("in an order", "some", "evenings/documents?sort=price:desc,id:asc&limit=80"),
  look("one", "ok", "evenings/documents/7"),
  look("one, some fields", "ok", "evenings/documents/7?fields=title,hall.seats"),
  look("one with its vectors", "ok", "evenings/documents/7?retrieveVectors=true"),
  look("one that is not there", "document_not_found", "evenings/documents/700"),
  look("one of no index", "index_not_found", "nowhere/documents/1"),
  look("all of no index", "index_not_found", "nowhere/documents"),
  look("an offset that is none", "invalid_document_offset", "evenings/documents?offset=x"),
  look("a limit that is none", "invalid_document_limit", "evenings/documents?limit=-1"),
  look("a filter that is none", "invalid_document_filter", "evenings/documents?filter=%3D%20x"),
  look("a filter that is not allowed", "invalid_document_filter", "evenings/documents?filter=title%20%3D%20x"),
  look("vectors, perhaps", "invalid_document_retrieve_vectors", "evenings/documents?retrieveVectors=perhaps"),
  look("an order that is not allowed", "invalid_document_sort", "evenings/documents?sort=title:asc"),
  look("an unknown parameter of a list", "bad_request", "evenings/documents?page=2"),
  fetchBy("fetch all", "some", {}),
  fetchBy("fetch by filter", "some", { filter: ["kind = opera", ["price > 30", "sold_out = true"]], limit: 50 }),
  fetchBy("fetch by ids and filter", "some", { ids: [1, "2", 3, 4, 5], filter: "sold_out = false", fields: ["id"] }),
  fetchBy("fetch in an order with an offset", "some", {
    sort: ["price:asc"],
    offset: 10,
    limit: 5,
    fields: ["id", "price"],
  }),
  fetchBy("fetch in the other order", "some", { sort: ["price:desc"], limit: 80, fields: ["id", "price"] }),
  fetchBy("fetch by a wrong filter", "invalid_document_filter", { filter: "kind === x" }),
  fetchBy("fetch by a filter of another kind", "invalid_document_filter", { filter: true }),
  fetchBy("fetch with a wrong offset", "invalid_document_offset", { offset: "1" }),
  fetchBy("fetch by ids that are none", "invalid_document_ids", { ids: [true] }),
  fetchBy("fetch with fields that are none", "invalid_document_fields", { fields: "id" }),
  fetchBy("fetch with something unknown", "bad_request", { fields: ["id"], which: 1 }),
];

const deleting: readonly Situation[] = [
  ["one away", "succeeded", "DELETE", `${DOCUMENTS}/1`],
  ["one away that is not there", "succeeded", "DELETE", `${DOCUMENTS}/nobody`],
  ["several away", "succeeded", "POST", `${DOCUMENTS}/delete-batch`, [2, "3", 4_444, 3]],
  ["none away", "succeeded", "POST", `${DOCUMENTS}/delete-batch`, []],
  ["several of something else", "bad_request", "POST", `${DOCUMENTS}/delete-batch`, { ids: [1] }],
  ["several of no index", "failed index_not_found", "POST", "/indexes/nowhere/documents/delete-batch", [1]],
  ["one of no index away", "failed index_not_found", "DELETE", "/indexes/nowhere/documents/1"],
  ["all of no index away", "failed index_not_found", "DELETE", "/indexes/nowhere/documents"],
  [
    "by filter away",
    "succeeded",
    "POST",
    "/indexes/evenings/documents/delete",
    { filter: "kind = ballet AND price > 30" },
  ],
  [
    "by a filter of lists away",
    "succeeded",
    "POST",
    "/indexes/evenings/documents/delete",
    { filter: [["id = 1", "id = 2"]] },
  ],
  ["by a filter that finds none", "succeeded", "POST", "/indexes/evenings/documents/delete", { filter: "id > 9000" }],
  ["by no filter", "missing_document_filter", "POST", "/indexes/evenings/documents/delete", {}],
  ["by an empty filter", "invalid_document_filter", "POST", "/indexes/evenings/documents/delete", { filter: [] }],
  ["by a broken filter", "invalid_document_filter", "POST", "/indexes/evenings/documents/delete", { filter: "id =" }],
  [
    "by a filter on what is not filterable",
    "failed invalid_document_filter",
    "POST",
    "/indexes/evenings/documents/delete",
    { filter: "title = x" },
  ],
  [
    "by filter from no index",
    "failed index_not_found",
    "POST",
    "/indexes/nowhere/documents/delete",
    { filter: "id = 1" },
  ],
  look("what has stayed", "some", "evenings/documents?limit=100&fields=id"),
  [
    "edit while it is switched off",
    "feature_not_enabled",
    "POST",
    "/indexes/evenings/documents/edit",
    { function: "doc.x = 1" },
  ],
  ["everything away", "succeeded", "DELETE", DOCUMENTS],
  look("nothing has stayed", "none", "depot/documents"),
];

const scenes: Readonly<Record<string, Scene>> = {
  adding: { situations: adding },
  updating: { situations: updating },
  "primary keys": { situations: primaryKeys },
  reading: {
    load: [
      [
        "PATCH",
        "/indexes/evenings/settings",
        { filterableAttributes: ["id", "kind", "price", "sold_out"], sortableAttributes: ["price", "id"] },
      ],
      ["POST", "/indexes/evenings/documents?primaryKey=id", evenings],
    ],
    situations: reading,
  },
  deleting: { situations: deleting },
};

describeScenes("documents", scenes);
