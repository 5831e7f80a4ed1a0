import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileSpool } from "../../../../src/store/spool/file-spool.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spool-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the spool", () => {
  test("keeps a body under its name until it is removed, across instances", async () => {
    const path = join(folder, "deep", "hints");
    await createFileSpool(path).write("a-1", new Uint8Array([1, 2, 255]));
    const spool = createFileSpool(path);
    expect(await spool.read("a-1")).toEqual(new Uint8Array([1, 2, 255]));
    expect(await readdir(path)).toEqual(["a-1"]);
    await spool.remove("a-1");
    await spool.remove("a-1");
    expect(await spool.read("a-1")).toBeUndefined();
  });

  test("keeps a body that is made while it is written", async () => {
    const parts = [new Uint8Array([1, 2]), new Uint8Array([3])];
    await createFileSpool(folder).write("a", { byteLength: 3, chunks: () => parts });
    expect(await createFileSpool(folder).read("a")).toEqual(new Uint8Array([1, 2, 3]));
  });

  test("a name cannot leave the folder", () => {
    expect(createFileSpool(folder).read("../secret")).rejects.toThrow();
  });

  test("a folder that cannot be written is a store that does not work", async () => {
    await writeFile(join(folder, "file"), "");
    const error: unknown = await createFileSpool(join(folder, "file"))
      .write("a", "b")
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "miroir_store_unavailable", status: 503 });
  });
});
