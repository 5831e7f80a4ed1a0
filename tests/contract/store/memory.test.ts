/** The store of the tests keeps the contract of the real ones. */
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import { storeContract } from "./store-contract.ts";

storeContract("memory", () => ({ open: async () => openMemoryStore(), cleanUp: async () => {} }));
