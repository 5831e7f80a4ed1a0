/** What the doctor concludes from the answers of nodes. */
import { describe, expect, test } from "bun:test";
import type { Asked } from "../../../src/cli/admin-client.ts";
import { examineNode, judgeNodes, type NodeExam } from "../../../src/cli/doctor-nodes.ts";

const KEY = "a-master-key-of-16+";
const UID = "6062abda-a5aa-4414-ac91-ecd7944c0f8d";
const NOW_MS = 1_790_000_000_000;

const answered = (status: number, body: unknown, dateMs: number | null = NOW_MS): Asked => ({
  kind: "answered",
  status,
  body,
  dateMs,
});
const unreachable: Asked = { kind: "unreachable", reason: "connection refused" };
const refused = (status: number, code: string) => answered(status, { message: "no", code, type: "auth", link: "" });

function keysMadeFrom(master: string): Asked {
  const key = new Bun.CryptoHasher("sha256", master).update(UID).digest("hex");
  return answered(200, { results: [{ uid: UID, key }], total: 1 });
}

function exam(changes: Partial<NodeExam> = {}): NodeExam {
  return {
    id: "a",
    address: "http://a",
    health: answered(200, { status: "available" }),
    version: answered(200, { pkgVersion: "1.50.0" }),
    keys: keysMadeFrom(KEY),
    askedAtMs: NOW_MS,
    ...changes,
  };
}

function troubles(...exams: NodeExam[]): string[] {
  return judgeNodes(exams, KEY)
    .filter((finding) => finding.level !== "ok")
    .map(({ level, subject, finding, advice }) => {
      expect(advice).not.toBe("");
      return `${level} ${subject}: ${finding}`;
    });
}

describe("the doctor", () => {
  test("finds nothing wrong with healthy nodes", () => {
    expect(troubles(exam(), exam({ id: "b" }))).toEqual([]);
  });

  test("names a node that does not answer, and asks it nothing more", () => {
    const found = troubles(exam({ health: unreachable, version: null, keys: null }));
    expect(found).toEqual(["problem a: No answer at http://a: connection refused."]);
  });

  test.each([
    [refused(401, "missing_master_key"), "Runs without a master key"],
    [refused(401, "missing_authorization_header"), "Wants a key"],
    [refused(403, "invalid_api_key"), "Does not accept node_master_key"],
    [answered(502, "bad gateway"), "GET /keys was answered 502"],
  ])("tells apart why a key is not enough: %j", (keys, sentence) => {
    expect(troubles(exam({ keys })).join()).toContain(sentence);
  });

  test("sees through a credential that is accepted and is not the master key", () => {
    expect(troubles(exam({ keys: keysMadeFrom("another master key") })).join()).toContain(
      "made from another master key",
    );
  });

  test("says that a node without keys cannot be proven, without alarm", () => {
    expect(troubles(exam({ keys: answered(200, { results: [] }) }))).toEqual([]);
  });

  test("finds different versions", () => {
    const other = exam({ id: "b", version: answered(200, { pkgVersion: "1.50.1" }) });
    expect(troubles(exam(), other)).toEqual(["problem versions: Nodes differ: 1.50.0 on a; 1.50.1 on b."]);
  });

  test("warns of a version that was not tested", () => {
    const found = troubles(exam({ version: answered(200, { pkgVersion: "1.12.0" }) }));
    expect(found).toEqual(["warning versions: Meilisearch 1.12.0 is in use."]);
  });

  test("finds a clock that is wrong by more than five seconds, in both directions", () => {
    const health = (dateMs: number) => answered(200, { status: "available" }, dateMs);
    expect(troubles(exam({ health: health(NOW_MS - 4_000) }))).toEqual([]);
    expect(troubles(exam({ health: health(NOW_MS + 60_000) })).join()).toMatch(/6[01] s ahead of/);
    expect(troubles(exam({ health: health(NOW_MS - 60_000) })).join()).toMatch(/(59|60) s behind/);
  });

  test("sends the key only where it is needed", async () => {
    const asked: [string, string | undefined][] = [];
    await examineNode(
      { id: "a", address: "http://a/" },
      {
        ask: async (url, options) => {
          asked.push([url, options.key]);
          return answered(200, {});
        },
        nowMs: () => NOW_MS,
        key: KEY,
        timeoutMs: 10,
      },
    );
    expect(asked).toEqual([
      ["http://a/health", undefined],
      ["http://a/version", KEY],
      ["http://a/keys?limit=100", KEY],
    ]);
  });
});
