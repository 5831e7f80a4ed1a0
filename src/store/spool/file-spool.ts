/**
 * The spool as one file per body. A body is written beside its final name, flushed and then renamed, so that a file that
 * exists is whole; flushing the folder makes the name durable too. Failures are those of a store: 503, nothing promised.
 */
import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../core/assert.ts";
import type { RequestBody } from "../../core/documents/body-stream.ts";
import { apiError } from "../../core/errors/api-error.ts";
import type { HintSpool } from "../hint-spool.ts";

/** `folder` is created when the first body is written. */
export function createFileSpool(folder: string): HintSpool {
  return {
    write: (name, body) =>
      guarded(async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const path = pathOf(folder, name);
        await writeDurably(`${path}.part`, body);
        await rename(`${path}.part`, path);
        await flushFolder(folder);
      }),
    read: (name) =>
      guarded(async () => {
        try {
          return new Uint8Array(await readFile(pathOf(folder, name)));
        } catch (error) {
          if (isMissing(error)) return undefined;
          throw error;
        }
      }),
    remove: (name) =>
      guarded(async () => {
        try {
          await unlink(pathOf(folder, name));
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      }),
  };
}

function pathOf(folder: string, name: string): string {
  assert(/^[A-Za-z0-9-]+$/.test(name), "a name in the spool cannot leave its folder");
  return join(folder, name);
}

async function writeDurably(path: string, body: RequestBody): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    if (typeof body === "string" || body instanceof Uint8Array) await file.writeFile(body);
    else for (const chunk of body.chunks()) await file.appendFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ENOENT";
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw apiError("miroir_store_unavailable", "A write that a node missed could not be kept for it.", { cause });
  }
}
