/** What is worth knowing about nodes that are compared with the catalog. */
import { defineEvent } from "../event.ts";

export const nodeAdmitted = defineEvent<{ readonly nodeId: string }>({
  name: "node.admitted",
  level: "info",
  message: "A node has every index, setting and key of the catalog and serves.",
});

export const indexesLost = defineEvent<{ readonly nodeId: string; readonly indexes: readonly string[] }>({
  name: "node.indexes_lost",
  level: "error",
  message:
    "A node has lost indexes with their documents. It gets the indexes and their settings back and stays out of reads until its documents have been restored.",
});

export const nodeRepaired = defineEvent<{ readonly nodeId: string; readonly findings: readonly string[] }>({
  name: "node.repaired",
  level: "warn",
  message: "A node was not as the catalog says and has been given what it lacked.",
});

export const nodeRepairFailed = defineEvent<{
  readonly nodeId: string;
  readonly repairs: number;
  readonly problem: string;
}>({
  name: "node.repair_failed",
  level: "error",
  message: "A node could not be made what the catalog says; it does not serve, and is tried again.",
});

export const driftReported = defineEvent<{ readonly nodeId: string; readonly findings: readonly string[] }>({
  name: "drift.node_differs",
  level: "warn",
  message: "A node has other indexes than the catalog: somebody else writes to it.",
});

export const driftFound = defineEvent<{
  readonly index: string;
  readonly difference: string;
  readonly repairs: boolean;
}>({
  name: "drift.settings_differ",
  level: "warn",
  message: "The settings of an index are not the same on all nodes: somebody else writes to a node.",
});

export const driftRepaired = defineEvent<{ readonly index: string; readonly nodeId: string }>({
  name: "drift.repaired",
  level: "info",
  message: "The settings of an index on a node were put right.",
  measure: (metrics) => metrics.count("settings_drift_repair_total"),
});

export const driftUnrepaired = defineEvent<{ readonly index: string; readonly difference: string }>({
  name: "drift.not_repaired",
  level: "error",
  message: "The settings of an index could not be made the same on all nodes; it is tried again at the next look.",
});

export const nodePassedOver = defineEvent<{ readonly nodeId: string; readonly taskUid: number }>({
  name: "node.passed_over",
  level: "warn",
  message:
    "A node died after it had taken its part of a change, and the change is decided without it; it is compared with the catalog before it serves again.",
});

export const searchRulesAligned = defineEvent<{ readonly nodeId: string; readonly rules: number }>({
  name: "node.search_rules_aligned",
  level: "info",
  message: "The search rules of a node were made what the router has noted.",
});

export const featuresAligned = defineEvent<{
  readonly nodeId: string;
  readonly features: readonly string[];
  readonly refused: boolean;
}>({
  name: "node.features_aligned",
  level: "info",
  message: "The experimental features of a node were made those of the others.",
});

export const chatsAligned = defineEvent<{ readonly nodeId: string; readonly workspaces: number }>({
  name: "node.chats_aligned",
  level: "info",
  message:
    "The chat workspaces of a node were made those of the others, without their API keys, which nodes do not tell.",
});
