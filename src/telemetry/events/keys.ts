/** What is worth knowing about API keys as a whole. */
import { defineEvent } from "../event.ts";

export const keysAdopted = defineEvent<{ readonly node: string; readonly created: number; readonly removed: number }>({
  name: "keys.defaults_adopted",
  level: "info",
  message: "The default API keys of a node were replaced by the common ones.",
});

export const masterKeysDiffer = defineEvent<{ readonly node: string; readonly other: string }>({
  name: "keys.master_keys_differ",
  level: "error",
  message:
    "Two nodes derive different key texts from the same key uid, so they were started with different master keys. Start all nodes with the same one; until then API keys work on some nodes only.",
});

export const keysUnreadable = defineEvent<{ readonly node: string; readonly reason: string }>({
  name: "keys.not_readable",
  level: "warn",
  message: "The API keys of a node could not be compared with those of the others; they will be when it is back.",
});

export const masterKeyRefused = defineEvent<{ readonly node: string }>({
  name: "keys.master_key_refused",
  level: "error",
  message:
    "A node refuses the master key in `miroir.node_master_key`. Start all nodes with the same master key and give the router that one.",
});
