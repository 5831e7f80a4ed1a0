/**
 * The disk of the router's store and of kept writes is full: writes are refused, nothing is promised, reads go on; with
 * room again everything works without a restart, and the replicas are equal. On a small file system of its own, where the
 * tests may make one.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMiroir, type TestMiroir, waitForEnd } from "../support/miroir.ts";
import { nodeRequest, type NodeAnswer } from "../support/nodes.ts";

setDefaultTimeout(240_000);

const DISK_MB = 12;
const WHOLE_WITHIN_MS = 180_000;
const directory = mkdtempSync(join(tmpdir(), "miroir-small-disk-"));
const isMounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", directory]).exitCode === 0;

afterAll(() => {
  if (isMounted) Bun.spawnSync(["umount", "-l", directory]);
  rmSync(directory, { recursive: true, force: true });
});

/** Leaves not one block. */
function fillDisk(): void {
  const { bavail, bsize } = statfsSync(directory);
  writeFileSync(join(directory, "filler"), Buffer.alloc(bavail * bsize));
}

function freeDisk(): void {
  rmSync(join(directory, "filler"), { force: true });
}

describe.skipIf(!isMounted)("a full disk", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await startMiroir({ nodes: 2, replicaGroups: 2, stateDirectory: directory });
    await miroir.write("POST", "/indexes", { uid: "entries", primaryKey: "id" });
    await write(0);
  });
  afterAll(() => miroir.stop());

  const documents = (version: number): unknown[] =>
    Array.from({ length: 200 }, (_unused, id) => ({ id, version, text: "x".repeat(500) }));
  const send = (version: number): Promise<NodeAnswer> =>
    miroir.request("POST", "/indexes/entries/documents", documents(version));
  async function write(version: number): Promise<void> {
    const accepted = await send(version);
    expect([accepted.status, accepted.text]).toEqual([202, accepted.text]);
    expect(await waitForEnd(miroir, accepted.body.taskUid)).toMatchObject({ status: "succeeded" });
  }

  test("a write that a node missed and that cannot be kept for it is not acknowledged; searches go on", async () => {
    await miroir.nodes[1]?.kill();
    fillDisk();
    try {
      const refused = await send(1);
      expect([refused.status, refused.body.code]).toEqual([503, "miroir_store_unavailable"]);
      const search = await miroir.request("POST", "/indexes/entries/search", { limit: 300 });
      expect(search.status).toBe(200);
      expect(search.body.hits).toHaveLength(200);
    } finally {
      freeDisk();
      await miroir.nodes[1]?.restart();
    }
  });

  test("with room again writes are taken, every task has ended, and the replicas are equal", async () => {
    const deadline = performance.now() + WHOLE_WITHIN_MS;
    while ((await send(2)).status !== 202 && performance.now() < deadline) await Bun.sleep(100);
    await write(3);
    await untilEqual(deadline);
    const open = await miroir.request("GET", "/tasks?statuses=enqueued,processing");
    expect(open.body.results).toEqual([]);
  });

  async function untilEqual(deadline: number): Promise<void> {
    let texts: (string | undefined)[] = [];
    while (performance.now() < deadline) {
      const answers = await Promise.all(
        miroir.nodes.map((node) => nodeRequest(node, "POST", "/indexes/entries/documents/fetch", { limit: 300 })),
      );
      texts = answers.map(({ body }) => JSON.stringify(body?.results));
      const versions = answers.flatMap(({ body }) =>
        (body?.results ?? []).map((one: { version: number }) => one.version),
      );
      if (texts[0] === texts[1] && versions.length === 400 && versions.every((version) => version === 3)) return;
      await Bun.sleep(100);
    }
    expect(texts[0]).toBe(texts[1]);
    throw new TypeError("the replicas did not get the last version");
  }
});
