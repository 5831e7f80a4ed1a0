/** A body that is no JSON: both engines say the same about it, with the place. The router repeats these words. */
import { expect, test } from "bun:test";
import { nodeRequest } from "../../support/nodes.ts";
import { describeEngines } from "../../support/nodes-engines.ts";

const FAULTS: readonly (readonly [body: string, fault: string])[] = [
  ["x", "expected value at line 1 column 1"],
  ["{not json", "key must be a string at line 1 column 2"],
  ['{"q":1', "EOF while parsing an object at line 1 column 6"],
  ['{"q":', "EOF while parsing a value at line 1 column 5"],
  ['{"q":"a",}', "trailing comma at line 1 column 10"],
  ['{"q" 1}', "expected `:` at line 1 column 6"],
  ["[1,2", "EOF while parsing a list at line 1 column 4"],
  ["[1 2]", "expected `,` or `]` at line 1 column 4"],
  ['{"q":"a"} x', "trailing characters at line 1 column 11"],
  ['{"q":nul}', "expected ident at line 1 column 9"],
  ['"abc', "EOF while parsing a string at line 1 column 4"],
  ['"\\x"', "invalid escape at line 1 column 3"],
  ["-", "EOF while parsing a value at line 1 column 1"],
  ["01", "invalid number at line 1 column 2"],
  ['{\n "é": é}', "expected value at line 2 column 8"],
];

const NO_MAPS: readonly (readonly [body: string, status: number, fault: string])[] = [
  ["5", 400, "data are neither an object nor a list of objects"],
  ["[1]", 500, "invalid type: integer `1`, expected a map at line 1 column 1"],
  ['[{"id":1},2,3]', 400, "trailing characters at line 1 column 13"],
];

describeEngines("faulty bodies", (node) => {
  const post = (path: string, body: string, type = "application/json"): ReturnType<typeof nodeRequest> =>
    nodeRequest(node(), "POST", `/indexes/a/${path}`, body, { "content-type": type });

  test.each(FAULTS)("%j: %s", async (body, fault) => {
    const message = `The json payload provided is malformed. \`${fault}\`.`;
    expect((await post("search", body)).body).toMatchObject({ code: "malformed_payload", message });
  });

  test.each(NO_MAPS)("documents %j: %d %s", async (body, status, fault) => {
    const answer = await post("documents", body);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(fault);
  });

  test("a fault in NDJSON and in CSV is told with its place in the whole payload", async () => {
    const lines = await post("documents", '{"id":1}\n{"id":2 "x"}\n', "application/x-ndjson");
    expect(lines.body.message).toContain("expected `,` or `}` at line 2 column 9");
    const table = await post("documents", 'id,name\n"a\nb",2\n\n3\n', "text/csv");
    expect(table.body.message).toContain("record 2 (line: 4, byte: 16)");
  });
});
