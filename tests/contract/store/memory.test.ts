/** The store of the tests keeps the contract of the real ones. */
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import { storeContract } from "./store-contract.ts";

storeContract("memory", () => {
  let now = 1;
  return {
    open: async () => openMemoryStore({ nowMs: () => now }),
    pass: async (durationMs) => void (now += durationMs),
    cleanUp: async () => {},
  };
});
