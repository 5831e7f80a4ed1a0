/** What is worth knowing about settings on their way to the nodes, and about nodes that do not have them. */
import { defineEvent } from "../event.ts";

/** The value of the metric. */
const PHASES = { none: 0, propose: 1, verify: 2, commit: 3, repair: 4, undo: 5 } as const;

export const settingsPhaseEntered = defineEvent<{
  readonly phase: keyof typeof PHASES;
  readonly index: string;
  readonly task: number;
}>({
  name: "settings.phase_entered",
  level: "debug",
  message: "A settings change has entered a phase, or the last one has ended.",
  measure: (metrics, { phase }) => metrics.set("settings_broadcast_phase", PHASES[phase]),
});

export const settingsCommitted = defineEvent<{ readonly index: string; readonly version: number }>({
  name: "settings.committed",
  level: "info",
  message: "All nodes have the new settings of an index.",
  measure: (metrics, { index, version }) => metrics.set("settings_version", version, { index }),
});

export const settingsVersionKnown = defineEvent<{ readonly index: string; readonly version: number }>({
  name: "settings.version_known",
  level: null,
  message: "The settings version of an index, as seen when nodes are compared with the catalog.",
  measure: (metrics, { index, version }) => metrics.set("settings_version", version, { index }),
});

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

export const settingsKeptOtherwise = defineEvent<{ readonly index: string; readonly settings: string }>({
  name: "settings.kept_otherwise",
  level: "warn",
  message: "All nodes keep settings in a form that this version of the router does not know; it is taken as it is.",
});

export const settingsNodeSilent = defineEvent<{ readonly index: string; readonly nodeId: string }>({
  name: "settings.node_silent",
  level: "warn",
  message: "A settings change was decided without a node that did not answer; it is compared before it serves again.",
});

export const settingsChangeUndone = defineEvent<{ readonly index: string; readonly task: number }>({
  name: "settings.change_undone",
  level: "warn",
  message: "A settings change failed on a node and was taken back on the others.",
});

export const settingsFrozen = defineEvent<{ readonly index: string; readonly reason: string }>({
  name: "settings.writes_frozen",
  level: "error",
  message: "Writes to an index are refused because its nodes could not be brought to the same settings.",
});

export const settingsThawed = defineEvent<{ readonly index: string; readonly by: string }>({
  name: "settings.writes_allowed",
  level: "info",
  message: "Writes to an index are taken again.",
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
