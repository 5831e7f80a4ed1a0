import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { assembleBodies, streamBodies } from "../../../../src/core/documents/assemble-bodies.ts";
import { encodeSequence, encodeShard } from "../../../../src/core/markers/codec.ts";
import { encodeExpiry, EXPIRY_MAX, NEVER, UNSAID } from "../../../../src/core/markers/expiry.ts";

test("a body is the documents of its shards in order, each with its markers, as lines or as an array", () => {
  const documents = fc.array(
    fc.record({
      id: fc.integer({ min: 0, max: 9 }),
      text: fc.jsonValue().map((value) => JSON.stringify(value)),
    }),
    { maxLength: 30 },
  );
  const sequences = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 10, maxLength: 10 });
  const shards = fc.array(fc.nat({ max: 3 }), { minLength: 10, maxLength: 10 });
  const chunkSizes = fc.integer({ min: 290, max: 700 });
  const expiries = fc.oneof(fc.constantFrom(UNSAID, NEVER), fc.integer({ min: 0, max: EXPIRY_MAX }));
  const wanted = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(
      documents,
      sequences,
      shards,
      wanted,
      fc.boolean(),
      chunkSizes,
      fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
      fc.option(fc.array(expiries, { minLength: 40, maxLength: 40 })),
      (batch, sequenceOf, shardOf, set, asArray, chunkBytes, version, said) => {
        const texts = batch.map(({ text }) => `{"v":${text}}`);
        const bounds: number[] = [];
        let joined = "";
        for (const text of texts) {
          joined += " ,";
          bounds.push(Buffer.byteLength(joined));
          joined += text;
          bounds.push(Buffer.byteLength(joined));
        }
        const bytes = new TextEncoder().encode(joined);
        const options = {
          bounds: Uint32Array.from(bounds),
          idOf: Uint32Array.from(batch, ({ id }) => id),
          shardOfId: Uint16Array.from(shardOf),
          sequenceOfId: BigUint64Array.from(sequenceOf),
          version,
          expiryOf: said === null ? null : Float64Array.from(batch, (_unused, i) => said[i % said.length] as number),
          asArray,
          shardSets: [Uint8Array.from(set, Number)],
        };
        const bodies = assembleBodies(bytes, options);
        const expected = batch.flatMap(({ id }, i) => {
          const shard = shardOf[id] as number;
          if (set[shard] !== true) return [];
          const markers = `,"_miroir_shard":"${encodeShard(shard)}","_miroir_seq":"${encodeSequence(sequenceOf[id] as bigint)}"${dated(version)}${expiring(options.expiryOf?.[i])}}`;
          return [(texts[i] as string).slice(0, -1) + markers];
        });
        const whole = asArray ? `[${expected.join(",")}]` : expected.map((text) => `${text}\n`).join("");
        expect(new TextDecoder().decode(bodies[0])).toBe(expected.length === 0 ? "" : whole);
        // The same in chunks of any size, however often it is read.
        const stream = streamBodies(bytes, options, chunkBytes)[0];
        for (let reading = 0; reading < 2; reading += 1) {
          const chunks = [...(stream?.chunks() ?? [])].map((chunk) => chunk.byteLength);
          const parts: Uint8Array[] = [];
          for (const chunk of stream?.chunks() ?? []) parts.push(chunk.slice());
          expect(Buffer.concat(parts).equals(bodies[0] as Uint8Array)).toBe(true);
          expect(Math.max(0, ...chunks)).toBeLessThanOrEqual(chunkBytes);
          expect(stream?.byteLength).toBe(bodies[0]?.byteLength as number);
        }
      },
    ),
  );
});

function expiring(expiry: number | undefined): string {
  return expiry === undefined || expiry === UNSAID ? "" : `,"_miroir_expires_at":"${encodeExpiry(expiry)}"`;
}

function dated(version: bigint | null): string {
  return version === null ? "" : `,"_miroir_updated_at":"${encodeSequence(version)}"`;
}
