/** What is worth knowing about indexes, settings and keys as a whole. */
import { defineEvent } from "../event.ts";

export const settingsMismatchFound = defineEvent<{
  readonly index: string;
  readonly mismatch: string;
  readonly repairs: number;
}>({
  name: "settings.mismatch_found",
  level: "warn",
  message: "After a settings change the nodes did not have the settings that were meant.",
  measure: (metrics) => metrics.count("settings_hash_mismatch_total"),
});

export const settingsChangeUndone = defineEvent<{ readonly index: string; readonly task: number }>({
  name: "settings.change_undone",
  level: "warn",
  message: "A settings change failed on a node and was taken back on the others.",
});

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

export const tieBreakChanged = defineEvent<{ readonly index: string; readonly tie_break: string }>({
  name: "settings.tie_break_reached",
  level: "info",
  message: "Every node has the index in the form that `search.tie_break` wants.",
});

export const tieBreakRefused = defineEvent<{ readonly index: string; readonly node: string; readonly reason: string }>({
  name: "settings.tie_break_refused",
  level: "warn",
  message: "A node did not take the settings that `search.tie_break` wants; it is asked again until it does.",
});
