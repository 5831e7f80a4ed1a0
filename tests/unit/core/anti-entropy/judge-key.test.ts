/** Which copy is right, for every mixture of copies. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { judgeKey, type KeyCopy } from "../../../../src/core/anti-entropy/judge-key.ts";

function copy(
  nodeId: string,
  found: readonly [number, number, number?] | null,
  suspected = false,
  incomplete = false,
  emptied = false,
): KeyCopy {
  return {
    nodeId,
    suspected,
    incomplete,
    emptied,
    found: found === null ? null : { version: BigInt(found[0]), digest: BigInt(found[1]), expiresAt: found[2] ?? null },
  };
}

describe("without suspects", () => {
  test("the highest version wins over any majority", () => {
    expect(judgeKey([copy("a", [1, 1]), copy("b", [2, 2]), copy("c", [1, 1])], null, null)).toEqual({
      kind: "write",
      from: "b",
      to: ["a", "c"],
    });
  });

  test("of equal versions the copy that most have wins, then the higher digest", () => {
    expect(judgeKey([copy("a", [1, 9]), copy("b", [1, 2]), copy("c", [1, 2])], null, null)).toMatchObject({
      to: ["a"],
    });
    expect(judgeKey([copy("a", [1, 9]), copy("b", [1, 2])], null, null)).toMatchObject({ from: "a", to: ["b"] });
  });

  test("a document on one side is a missed write, unless a later deletion meets it", () => {
    const copies = [copy("a", [5, 1]), copy("b", null)];
    expect(judgeKey(copies, null, null)).toEqual({ kind: "write", from: "a", to: ["b"] });
    expect(judgeKey(copies, 4n, null)).toEqual({ kind: "write", from: "a", to: ["b"] });
    expect(judgeKey(copies, 6n, null)).toEqual({ kind: "delete", on: ["a"] });
  });

  test("a document without a version yields to every deletion and every version", () => {
    expect(judgeKey([copy("a", [0, 1]), copy("b", null)], 1n, null)).toEqual({ kind: "delete", on: ["a"] });
    expect(judgeKey([copy("a", [0, 1]), copy("b", [1, 1])], null, null)).toMatchObject({ from: "b" });
  });
});

describe("with suspects", () => {
  test("what trusted replicas do not have is taken from suspects, also when the deletion is forgotten", () => {
    expect(judgeKey([copy("a", [5, 1], true), copy("b", null)], null, null)).toEqual({ kind: "delete", on: ["a"] });
  });

  test("of equal versions the trusted copy wins over a majority of suspects", () => {
    const copies = [copy("a", [3, 9], true), copy("b", [3, 1]), copy("c", [3, 9], true)];
    expect(judgeKey(copies, null, null)).toEqual({ kind: "write", from: "b", to: ["a", "c"] });
  });

  test("a copy that may be a piece of the document loses, also against other suspects, a majority and a lower version", () => {
    const piece = (nodeId: string): KeyCopy => copy(nodeId, [3, 9], true, true);
    const verdict = { kind: "write", from: "b", to: ["a", "c"] } as const;
    expect(judgeKey([piece("a"), copy("b", [3, 1], true), piece("c")], null, null)).toEqual(verdict);
    expect(judgeKey([piece("a"), copy("b", [3, 1]), piece("c")], null, null)).toEqual(verdict);
    expect(judgeKey([piece("a"), copy("b", [2, 1])], null, null)).toEqual({ kind: "write", from: "b", to: ["a"] });
    // Nobody is whole: what each of them has is put together.
    expect(judgeKey([piece("a"), copy("b", [2, 1], true, true)], null, null)).toMatchObject({ from: "a" });
  });

  test("when all are suspected nothing is lost: every document stays, in its highest version", () => {
    expect(judgeKey([copy("a", [5, 1], true), copy("b", null, true)], null, null)).toMatchObject({
      kind: "write",
      from: "a",
    });
    expect(judgeKey([copy("a", [5, 1], true), copy("b", [6, 1], true)], null, null)).toMatchObject({ from: "b" });
  });
});

describe("what has expired", () => {
  test("is deleted everywhere, also where one alone has it and no deletion is known", () => {
    const alone = [copy("a", [5, 1, 100]), copy("b", null)];
    expect(judgeKey(alone, null, 100)).toEqual({ kind: "delete", on: ["a"] });
    expect(judgeKey(alone, null, 99)).toEqual({ kind: "write", from: "a", to: ["b"] });
    const both = [copy("a", [5, 1, 100]), copy("b", [5, 1, 100])];
    expect(judgeKey(both, null, 101)).toEqual({ kind: "delete", on: ["a", "b"] });
    expect(judgeKey(both, null, 99)).toEqual({ kind: "equal" });
  });

  test("is judged by the newest version: a renewed one wins over an expired one, and an expired one over an older one that lives", () => {
    expect(judgeKey([copy("a", [5, 1, 100]), copy("b", [6, 1, 200])], null, 150)).toEqual({
      kind: "write",
      from: "b",
      to: ["a"],
    });
    expect(judgeKey([copy("a", [5, 1]), copy("b", [6, 1, 100])], null, 150)).toEqual({
      kind: "delete",
      on: ["a", "b"],
    });
  });

  test("is like everything else where documents do not expire", () => {
    expect(judgeKey([copy("a", [5, 1, 100]), copy("b", null)], null, null)).toMatchObject({ kind: "write", to: ["b"] });
  });
});

test("after the verdict is carried out the replicas are equal, whoever judges and in whatever order", () => {
  // The digest is one of the whole document, with the time at which it expires.
  const contents = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }));
  const found = fc.option(contents.map(([version, digest]) => [version, digest, digest] as const));
  const some = fc.array(fc.tuple(found, fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      some,
      fc.option(fc.bigInt({ min: 0n, max: 4n })),
      fc.option(fc.nat({ max: 3 })),
      (parts, deleted, nowMs) => {
        const copies = parts.map(([state, suspected, incomplete], i) => copy(`n${i}`, state, suspected, incomplete));
        const verdict = judgeKey(copies, deleted, nowMs);
        const after = copies.map((one): KeyCopy => {
          if (verdict.kind === "delete") return { ...one, found: verdict.on.includes(one.nodeId) ? null : one.found };
          if (verdict.kind !== "write" || !verdict.to.includes(one.nodeId)) return one;
          return { ...one, found: copies.find(({ nodeId }) => nodeId === verdict.from)?.found ?? null };
        });
        const states = new Set(
          after.map((one) => JSON.stringify(one.found, (_, v) => (typeof v === "bigint" ? `${v}` : v))),
        );
        expect(states.size).toBe(1);
        const turned = judgeKey(copies.toReversed(), deleted, nowMs);
        expect(turned.kind).toBe(verdict.kind);
        if (turned.kind === "write" && verdict.kind === "write")
          expect(turned.to.toSorted()).toEqual(verdict.to.toSorted());
      },
    ),
  );
});

test("where no copy is whole, one that has missed something wins over one of a lost disk that is not newer", () => {
  const older = copy("a", [5, 1], true, true);
  const piece = copy("b", [5, 9], true, true, true);
  expect(judgeKey([older, piece], null, null)).toMatchObject({ kind: "write", from: "a", to: ["b"] });
  expect(judgeKey([piece, older], null, null)).toMatchObject({ kind: "write", from: "a", to: ["b"] });
  // What was written since is the newest that was promised.
  expect(judgeKey([older, copy("b", [6, 9], true, true, true)], null, null)).toMatchObject({ from: "b", to: ["a"] });
});
