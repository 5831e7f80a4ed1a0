/** The client's methods about documents, by every road in and out. */
import { books, ended, inTurn, type SdkStep } from "./clients-sdk-step.ts";

const NDJSON = '{"id":300,"title":"From a line"}\n{"id":301,"title":"From another line"}\n';
const CSV = 'id:number;title;sold:boolean\n310;"Quoted; with the delimiter";true\n311;Plain;false\n';

export const documentSteps: readonly SdkStep[] = [
  ["add", ({ client }) => ended(client.index("books").addDocuments(books(60), { primaryKey: "id" }))],
  [
    "add in batches",
    ({ client }) => Promise.all(client.index("books").addDocumentsInBatches(books(60, 60), 100).map(ended)),
  ],
  ["add lines", ({ client }) => ended(client.index("books").addDocumentsFromString(NDJSON, "application/x-ndjson"))],
  [
    "add a table",
    ({ client }) => ended(client.index("books").addDocumentsFromString(CSV, "text/csv", { csvDelimiter: ";" })),
  ],
  ["add text that is no JSON", ({ client }) => client.index("books").addDocumentsFromString("[{", "application/json")],
  ["add nothing", ({ client }) => ended(client.index("books").addDocuments([]))],
  ["add with an impossible id", ({ client }) => ended(client.index("books").addDocuments([{ id: "not an id" }]))],
  ["add without an id", ({ client }) => ended(client.index("books").addDocuments([{ title: "Nameless" }]))],
  [
    "add under another key",
    ({ client }) => ended(client.index("books").addDocuments(books(1), { primaryKey: "year" })),
  ],
  ["let the key be found", ({ client }) => ended(client.index("found").addDocuments([{ bookId: 1, name: "One" }]))],
  ["no key to be found", ({ client }) => ended(client.index("lost").addDocuments([{ name: "One" }]))],
  ["two keys to be found", ({ client }) => ended(client.index("torn").addDocuments([{ aId: 1, bId: 2 }]))],
  [
    "update",
    ({ client }) =>
      ended(
        client.index("books").updateDocuments([
          { id: 3, title: "Renamed" },
          { id: 500, year: 1 },
        ]),
      ),
  ],
  [
    "update, but create nothing",
    ({ client }) =>
      ended(
        client.index("books").updateDocuments(
          [
            { id: 4, title: "Kept" },
            { id: 900, year: 1 },
          ],
          { skipCreation: true },
        ),
      ),
  ],
  [
    "update in batches",
    ({ client }) =>
      Promise.all(
        client
          .index("books")
          .updateDocumentsInBatches(
            [
              { id: 5, year: 2001 },
              { id: 6, year: 2002 },
              { id: 7, year: 2003 },
            ],
            2,
          )
          .map(ended),
      ),
  ],
  [
    "update from lines",
    ({ client }) =>
      ended(
        client
          .index("books")
          .updateDocumentsFromString('{"id":8,"year":1}\n{"id":9,"year":2}', "application/x-ndjson", {
            primaryKey: "id",
          }),
      ),
  ],
  [
    "a remark that stays with the task",
    ({ client }) =>
      ended(client.index("books").updateDocuments([{ id: 10, year: 3 }], { customMetadata: "from a test" })),
  ],
  [
    "get one",
    ({ client }) =>
      inTurn(
        () => client.index("books").getDocument(3),
        () => client.index("books").getDocument("10"),
        () => client.index("books").getDocument(500, { fields: ["id", "year"] }),
      ),
  ],
  ["get one that is not there", ({ client }) => client.index("books").getDocument(900)],
  ["get one of no index", ({ client }) => client.index("nowhere").getDocument(1)],
  ["list", ({ client }) => client.index("books").getDocuments()],
  [
    "list a page of some fields",
    ({ client }) => client.index("books").getDocuments({ offset: 115, limit: 10, fields: ["id"] }),
  ],
  ["list by ids", ({ client }) => client.index("books").getDocuments({ ids: [44, 2, 31, 999] })],
  ["filter before it is allowed", ({ client }) => client.index("books").getDocuments({ filter: "year > 2000" })],
  [
    "allow it",
    ({ client }) =>
      ended(
        client.index("books").updateSettings({ filterableAttributes: ["year", "genre"], sortableAttributes: ["year"] }),
      ),
  ],
  ["list by filter", ({ client }) => client.index("books").getDocuments({ filter: "year > 2000 AND genre = Novel" })],
  [
    "list in an order",
    ({ client }) => client.index("books").getDocuments({ sort: ["year:desc"], limit: 7, fields: ["id", "year"] }),
  ],
  ["list in a wrong order", ({ client }) => client.index("books").getDocuments({ sort: ["title:asc"] })],
  ["delete one", ({ client }) => ended(client.index("books").deleteDocument(11))],
  ["delete one that is not there", ({ client }) => ended(client.index("books").deleteDocument("nobody"))],
  ["delete some", ({ client }) => ended(client.index("books").deleteDocuments(["12", "13", "12", "9999"]))],
  ["delete by filter", ({ client }) => ended(client.index("books").deleteDocuments({ filter: "genre = Poetry" }))],
  ["delete by a wrong filter", ({ client }) => client.index("books").deleteDocuments({ filter: "genre =" })],
  [
    "edit by function, switched off",
    ({ client }) => client.index("books").updateDocumentsByFunction({ function: "doc.year += 1" }),
  ],
  ["switch editing on", ({ client }) => client.updateExperimentalFeatures({ editDocumentsByFunction: true })],
  [
    "edit by function",
    ({ client }) =>
      inTurn(
        () =>
          ended(
            client.index("books").updateDocumentsByFunction({
              function: "doc.year = doc.year + context.years; doc.edited = true",
              context: { years: 1000 },
              filter: "genre = Novel",
            }),
          ),
        () => client.index("books").getDocuments({ filter: "year > 2100", limit: 50 }),
      ),
  ],
  [
    "edit by something that is no function",
    ({ client }) => client.index("books").updateDocumentsByFunction({ function: "doc.(" }),
  ],
  ["what is left", ({ client }) => client.index("books").getDocuments({ limit: 200 })],
  [
    "clear",
    ({ client }) =>
      inTurn(
        () => ended(client.index("books").deleteAllDocuments()),
        () => client.index("books").getDocuments(),
      ),
  ],
];
