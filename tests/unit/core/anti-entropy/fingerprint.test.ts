/** Fingerprints see every difference between replicas and none where there is none. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  addToBuckets,
  bucketOf,
  differingBuckets,
  documentsIn,
  emptyBuckets,
} from "../../../../src/core/anti-entropy/buckets.ts";
import { readStoredPage, type StoredDocument } from "../../../../src/core/anti-entropy/stored-documents.ts";
import { encodeSequence } from "../../../../src/core/markers/codec.ts";

function page(documents: readonly string[], primaryKey = "id"): readonly StoredDocument[] {
  const text = `{"results":[${documents.join(",")}],"offset":0,"limit":9,"total":${documents.length}}`;
  const read = readStoredPage(text, primaryKey);
  if (read === null) throw new TypeError(`not read: ${text}`);
  return read.documents;
}

test("key, version and text are read whatever the form of the key", () => {
  const version = encodeSequence(77n);
  const [one, two] = page([
    `{"a":1,"id":18446744073709551615,"_miroir_updated_at":"${version}"}`,
    '{"id":"x\\u002d1"}',
  ]);
  expect(one).toMatchObject({ key: "18446744073709551615", version: 77n });
  expect(one?.text).toContain(version);
  expect(two).toMatchObject({ key: "x-1", version: 0n, text: '{"id":"x\\u002d1"}' });
  expect(page(['{"a":{"b":7}}'], "a.b")[0]?.key).toBe("7");
  expect(readStoredPage('{"results":[{"a":1}],"offset":0,"limit":1,"total":1}', "id")).toBeNull();
  expect(readStoredPage("<html>", "id")).toBeNull();
});

test("the digest follows the content and neither the order of the fields nor the vectors", () => {
  const [a, b, c, d] = page([
    '{"id":1,"x":"a","y":[1,2]}',
    '{"y":[1,2],"id":1,"_vectors":{"e":[1]},"x":"a"}',
    '{"id":1,"x":"a","y":[2,1]}',
    '{"id":1,"x":"a","y":[1,2],"z":null}',
  ]);
  expect(b?.digest).toBe(a?.digest as bigint);
  expect(new Set([a?.digest, c?.digest, d?.digest]).size).toBe(3);
});

test("two documents that exchange a field do not cancel out", () => {
  const sums = [
    ['{"id":1,"x":"a"}', '{"id":2,"x":"b"}'],
    ['{"id":1,"x":"b"}', '{"id":2,"x":"a"}'],
  ].map((texts) => page(texts).reduce((sum, { digest }) => sum + digest, 0n));
  expect(sums[0]).not.toBe(sums[1] as bigint);
});

test("exactly the buckets of the keys that differ are named, in whatever order documents come", () => {
  const documents = fc.uniqueArray(
    fc.record({ key: fc.string({ minLength: 1 }), digest: fc.bigInt(0n, 2n ** 64n - 1n) }),
    {
      selector: ({ key }) => key,
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(documents, fc.nat(), (all, pick) => {
      const [whole, part] = [emptyBuckets(), emptyBuckets()];
      const without = all.length === 0 ? -1 : pick % all.length;
      for (const one of all) addToBuckets(whole, one);
      for (const [i, one] of all.toReversed().entries()) if (all.length - 1 - i !== without) addToBuckets(part, one);
      expect(documentsIn(whole)).toBe(all.length);
      const expected = without < 0 ? [] : [bucketOf(all[without]?.key ?? "")];
      expect([...differingBuckets([whole, part])]).toEqual(expected);
      expect(differingBuckets([whole, whole, whole]).size).toBe(0);
    }),
  );
});
