/**
 * Requests as no client library would send them, byte for byte to a node and to Miroir: paths, parameters, types of
 * bodies and bodies that are odd or wrong. Status, the headers that tell something, and body are the same.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { comparable } from "../support/clients-comparable.ts";
import { startPair, type Pair, type Side } from "../support/clients-pair.ts";
import { waitForEnd } from "../support/miroir.ts";
import { realEnginePath } from "../support/nodes.ts";
import { rawRequest, type RawAnswer, type RawRequest } from "../support/raw-http.ts";

const TIMEOUT_MS = 180_000;
const JSON_TYPE = ["content-type", "application/json"] as const;

describe.skipIf(realEnginePath() === null)("odd requests", () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair(3, 2);
    await pair.load("PATCH", "/indexes/films/settings", { filterableAttributes: ["kind"], sortableAttributes: ["id"] });
    const films = Array.from({ length: 20 }, (_unused, id) => ({ id, title: `Film ${id}`, kind: `k${id % 3}` }));
    await pair.load("POST", "/indexes/films/documents?primaryKey=id", films);
  }, TIMEOUT_MS);
  afterAll(() => pair.stop());

  const ask = async (side: Side, request: RawRequest): Promise<unknown> => {
    const headers = [["authorization", `Bearer ${side.masterKey}`] as const, ...request.headers];
    const answer = await rawRequest(Number(new URL(side.url).port), { ...request, headers });
    return viewOf(side, answer);
  };
  const same = async (method: string, path: string, more: Partial<RawRequest> = {}): Promise<void> => {
    const { single, miroir } = await pair.both((side) => ask(side, { method, path, headers: [], ...more }));
    expect([method, path, more, miroir]).toEqual([method, path, more, single]);
  };

  const QUERIES = [
    ..."? ?x=1 ?limit ?limit= ?limit=-1 ?limit=+1 ?limit=%31 ?%6cimit=1 ?limit=1&limit=2 ?limit=1&&offset=0& ?=1".split(
      " ",
    ),
    ..."?limit=1.0 ?limit=%201 ?Limit=1 ?limit[]=1 ?limit=%ff ?%ff=1 ?limit=%zz ?limit=1;offset=1 ?fields=id,,x".split(
      " ",
    ),
    ..."?filter= ?filter=kind=k1 ?filter=7 ?sort=id:asc ?q=a+b ?q=%00 ?sizeFormat=Human ?sizeFormat=humn ?page=0".split(
      " ",
    ),
    ..."?statuses=Succeeded,nope ?uids=*,x ?from=4294967296 ?afterEnqueuedAt=2020-13-01 ?retrieveVectors=1".split(" "),
  ];
  const READS = [
    ..."/health /version /stats /indexes /indexes/films /indexes/films/stats /indexes/films/documents".split(" "),
    ..."/indexes/films/documents/1 /indexes/films/search /indexes/films/similar /indexes/films/settings /tasks".split(
      " ",
    ),
    ..."/tasks/0 /batches /keys /experimental-features /webhooks /chats /network /metrics /indexes/none/search".split(
      " ",
    ),
  ];
  test.each(READS)(
    "%s reads parameters as a node does",
    async (path) => {
      for (const query of QUERIES) await same("GET", path + query);
    },
    TIMEOUT_MS,
  );

  test(
    "paths are read as a node reads them, also such as are no UTF-8 or no names",
    async () => {
      const ids = ["%31", "a%20b", "%C3%A9", "%ff", "%zz", "%e2%82", "x".repeat(512), "01", "1.0", "*", "%2F"];
      for (const id of ids) {
        await same("GET", `/indexes/films/documents/${id}`);
        await same("DELETE", `/indexes/none/documents/${id}`);
      }
      for (const uid of ["f%69lms", "films%20", "%ff", "a%2eb", "*", "films*", "x".repeat(401), "none", "%00"]) {
        for (const [method, rest] of [
          ["GET", ""],
          ["GET", "/settings/stop-words"],
          ["GET", "/documents/1"],
          ["DELETE", "/settings"],
          ["POST", "/compact"],
        ] as const) {
          if (uid !== "f%69lms" || method === "GET") await same(method, `/indexes/${uid}${rest}`);
        }
        for (const [rest, body] of [
          ["/search", "{}"],
          ["/documents/edit", '{"function":"doc.a = 1"}'],
          ["/documents/delete-batch", "[1]"],
          ["/documents/fetch", "{}"],
          ["/documents/fetch", '{"sort":[""]}'],
          ["/search", '{"locales":["xx"]}'],
          ["/fields", "{}"],
          ["/fields", '{"limit":-1}'],
        ] as const) {
          if (uid !== "f%69lms") await same("POST", `/indexes/${uid}${rest}`, { headers: [JSON_TYPE], body });
        }
      }
      for (const path of ["/tasks/+1", "/tasks/00", "/tasks/4294967296", "/batches/%30", "/keys/%20", "/webhooks/x"]) {
        await same("GET", path);
      }
    },
    TIMEOUT_MS,
  );

  const WRITES: readonly (readonly [method: string, path: string])[] = [
    ["POST", "/indexes"],
    ["PATCH", "/indexes/films"],
    ["POST", "/swap-indexes"],
    ["POST", "/indexes/films/search"],
    ["POST", "/indexes/films/facet-search"],
    ["POST", "/indexes/films/similar"],
    ["POST", "/multi-search"],
    ["POST", "/indexes/films/documents/fetch"],
    ["POST", "/indexes/films/documents/delete"],
    ["POST", "/indexes/odd/documents/delete-batch"],
    ["POST", "/indexes/odd/documents"],
    ["PATCH", "/indexes/odd/settings/faceting"],
    ["PUT", "/indexes/odd/settings/stop-words"],
    ["POST", "/keys"],
    ["PATCH", "/keys/none"],
    ["PATCH", "/experimental-features"],
    ["POST", "/webhooks"],
    ["PATCH", "/network"],
    ["POST", "/dynamic-search-rules"],
    ["POST", "/render-template"],
    ["POST", "/indexes/films/fields"],
    ["PATCH", "/chats/x/settings"],
  ];
  const BODIES = [
    "",
    " ",
    "[]",
    "null",
    '"x"',
    "{",
    "[1",
    "nul",
    "{}{}",
    "\ufeff{}",
    "[null]",
    "-",
    '{"uid":null}',
    '{"x":1}',
  ];
  const TYPES = [
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "application/json;",
    "application/vnd.api+json",
    "text/json",
    "text/csv; charset=utf-8",
    "",
    "json",
  ];
  test.each(WRITES)(
    "%s %s takes and refuses bodies and their types as a node does",
    async (method, path) => {
      for (const body of BODIES) {
        // Of these a node makes a fault of its own, with 500.
        if (body === "[null]" && path.endsWith("/documents")) continue;
        await same(method, path, { headers: [JSON_TYPE], body });
      }
      await same(method, path, { headers: [JSON_TYPE], body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) });
      for (const type of TYPES) await same(method, path, { headers: [["content-type", type]], body: '{"x":1}' });
      await same(method, path, { body: "{}" });
      await same(method, `${path}?x=1`, { headers: [JSON_TYPE], body: '{"x":1}' });
    },
    TIMEOUT_MS,
  );

  test(
    "whole numbers are read as they are written, and nobody is harmed by large ones",
    async () => {
      for (const name of ["limit", "offset", "page", "hitsPerPage", "cropLength"]) {
        for (const number of ["1e2", "1.0", "1.5", "-0", "-1", "0", "9007199254740991", "18446744073709551616"]) {
          const member = `"${name}" : ${number}`;
          for (const [path, body] of [
            ["/indexes/films/search", `{"attributesToCrop":["kind"],${member}}`],
            ["/indexes/films/documents/fetch", `{${member}}`],
            ["/multi-search", `{"queries":[{"indexUid":"films",${member}}]}`],
            ["/multi-search", `{"queries":[{"indexUid":"films"}],"federation":{${member}}}`],
          ] as const) {
            await same("POST", path, { headers: [JSON_TYPE], body });
          }
        }
      }
      // A node that sorts dies of such a number, so only Miroir is asked, whose nodes always sort.
      for (const [limit, offset, count] of [
        [Number.MAX_SAFE_INTEGER, 0, 20],
        [Number.MAX_SAFE_INTEGER, 15, 5],
        ["18446744073709551615", 0, 20],
        [5, Number.MAX_SAFE_INTEGER, 0],
      ] as const) {
        const body = `{"sort":["id:asc"],"limit":${limit},"offset":${offset}}`;
        const answer = await pair.miroir.request("POST", "/indexes/films/documents/fetch", body);
        expect([answer.status, answer.body.results.length, answer.body.total]).toEqual([200, count, 20]);
        const listed = await pair.miroir.request("GET", `/indexes/films/documents?limit=${limit}&offset=${offset}`);
        expect([listed.status, listed.body.results.length]).toEqual([200, count]);
      }
    },
    TIMEOUT_MS,
  );

  test(
    "texts that are no UTF-8 are refused where a node refuses them",
    async () => {
      const bodies = [
        '[{"id":1,"a":"\xff b","c":2}]',
        '[{"id":1},{"id":2,"\xc3(":"x"}',
        '[{"id":1},{"id":2,"\xc3(":"x"},{"id":',
        '{"id":1,"a":{"x":"\xff"},"b":1}',
        '{"id":1,"a":"\\"\xe2\x82","b":1}',
        '{"id":1}\n{"id":2,"a":["\xf0\x9f\x98"]}\n{"id":',
        '[{"id":1,"a":x,"b":"\xff"}]',
        '[{"id":1,"a":"\xff","b":x}]',
        '[{"id":1,\xff"b":1}]',
      ];
      for (const text of bodies) {
        const body = Buffer.from(text, "latin1");
        for (const type of ["application/json", "application/x-ndjson"]) {
          // A list is no line of documents, which Miroir says first.
          if (text.startsWith("[") && type !== "application/json") continue;
          await same("POST", "/indexes/odd/documents", { headers: [["content-type", type]], body });
        }
      }
    },
    TIMEOUT_MS,
  );
});

/** The answer and the task that it may have made, when that has ended. */
async function viewOf(side: Side, { status, headers, text }: RawAnswer): Promise<unknown> {
  // An unknown route and an unknown method are answered without a body by a node, and with one by Miroir.
  if (text === "" || status === 405) return [status, headers.get("allow")];
  const body: unknown = text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text;
  const { taskUid } = body as { readonly taskUid?: unknown };
  const task: unknown = typeof taskUid === "number" ? await waitForEnd(side, taskUid) : null;
  const told = ["content-type", "retry-after"].map((name) => headers.get(name));
  return [status, ...told, comparable(body), comparable(task)];
}
