/** SQLite keeps the contract, on a file of its own for each test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { storeContract } from "./store-contract.ts";

storeContract("sqlite", () => {
  let directory = "";
  let now = 1;
  return {
    open: async () => {
      directory = await mkdtemp(join(tmpdir(), "miroir-store-"));
      return openSqliteStore({ path: join(directory, "miroir.db"), clock: { nowMs: () => now }, emit: () => {} });
    },
    pass: async (durationMs) => void (now += durationMs),
    cleanUp: () => rm(directory, { recursive: true, force: true }),
  };
});
