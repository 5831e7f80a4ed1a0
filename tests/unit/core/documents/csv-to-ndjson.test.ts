import { describe, expect, test } from "bun:test";
import { csvToNdjson } from "../../../../src/core/documents/csv-to-ndjson.ts";

function convert(csv: string, delimiter = ","): string {
  const result = csvToNdjson(new TextEncoder().encode(csv), delimiter.charCodeAt(0));
  return result.kind === "malformed" ? result.message : new TextDecoder().decode(result.bytes);
}

/** Every expectation here is what a real node stored or answered for the same text. */
describe("CSV becomes the documents the engine makes of it", () => {
  const cases: readonly [string, string, string][] = [
    [
      "types come from the header, an unknown one belongs to the name",
      "id,a:number,b:boolean,d:foo\n1,2.50,true,y\n2,,,\n",
      '{"id":"1","a":2.5,"b":true,"d:foo":"y"}\n{"id":"2","a":null,"b":null,"d:foo":null}\n',
    ],
    [
      "quotes, doubled quotes, line breaks and spaces",
      'id,a\n1,"he said ""hi"""\n2,"multi\nline"\r\n3,  spaced \n',
      '{"id":"1","a":"he said \\"hi\\""}\n{"id":"2","a":"multi\\nline"}\n{"id":"3","a":"  spaced "}\n',
    ],
    [
      "a quote opens only at the start of a field",
      'id,a\n1,a"b"c\n2,"a"b\n',
      '{"id":"1","a":"a\\"b\\"c"}\n{"id":"2","a":"ab"}\n',
    ],
    ["a quote that is never closed runs to the end", 'id,a\n1,"open\n', '{"id":"1","a":"open\\n"}\n'],
    ["of two columns of one name the last counts", "id,a,a\n1,2,3\n", '{"id":"1","a":"3"}\n'],
    ["the type follows the last colon", "id,a:b:number\n1,2\n", '{"id":"1","a:b":2}\n'],
    ["empty lines, CR alone and a byte order mark do not count", "\ufeff\n\nid,a\r\r1,2\r", '{"id":"1","a":"2"}\n'],
    ["a header alone is no document", "id,a", ""],
    [
      "floats are printed in the engine's form",
      "a:number\n1e3\n0.1\n1e21\n1e16\n1e-7\n99999999999999999999\n.5\n5.\n0.00001234\n",
      '{"a":1000.0}\n{"a":0.1}\n{"a":1e+21}\n{"a":1e+16}\n{"a":1e-7}\n{"a":1e+20}\n{"a":0.5}\n{"a":5.0}\n{"a":0.00001234}\n',
    ],
    [
      "integers stay integers, infinities become null",
      "a:number\n 7 \n+5\n-0\n-0.0\ninf\nNaN\n1e400\n",
      '{"a":7}\n{"a":5}\n{"a":0}\n{"a":-0.0}\n{"a":null}\n{"a":null}\n{"a":null}\n',
    ],
  ];
  for (const [what, csv, expected] of cases) test(what, () => expect(convert(csv)).toBe(expected));

  test("another delimiter", () => {
    expect(convert('id;a\n1;"x;y"\n', ";")).toBe('{"id":"1","a":"x;y"}\n');
  });
});

describe("malformed CSV is refused in the engine's words", () => {
  const cases: readonly [string, string][] = [
    ["id,a:number\n1,x\n", 'Error parsing number "x" at line 1: invalid float literal'],
    ["id,b:boolean\n1,TRUE\n", 'Error parsing boolean "TRUE" at line 1: provided string was not `true` or `false`'],
    [
      "id,a\n1\n",
      "CSV error: record 1 (line: 2, byte: 5): found record with 1 fields, but the previous record has 2 fields",
    ],
  ];
  for (const [csv, reason] of cases) {
    test(JSON.stringify(csv), () => {
      expect(convert(csv)).toBe(`The \`csv\` payload provided is malformed: \`${reason}\`.`);
    });
  }

  test("bytes that are not UTF-8", () => {
    const bytes = new TextEncoder().encode("id,a\n1,?\n");
    bytes[7] = 0xff;
    const result = csvToNdjson(bytes, 0x2c);
    expect(result.kind === "malformed" && result.message).toBe(
      "The `csv` payload provided is malformed: `CSV parse error: record 1 (line 2, field: 1, byte: 5): invalid utf-8: invalid UTF-8 in field 1 near byte index 0`.",
    );
  });
});
