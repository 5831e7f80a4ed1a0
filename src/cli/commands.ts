/** Every command, in the order of the help. */
import type { CommandEntry } from "./command.ts";
import { laterCommands } from "./ctl-later.ts";

const ctlChildren: readonly CommandEntry[] = [
  {
    name: "status",
    summary: "Show whether the router is ready and what is missing",
    load: async () => (await import("./ctl-status.ts")).statusCommand,
  },
  {
    name: "ready",
    summary: "End with 0 if the router is ready; for health checks",
    load: async () => (await import("./ctl-ready.ts")).readyCommand,
  },
  {
    name: "topology",
    summary: "List the nodes with their state",
    load: async () => (await import("./ctl-topology.ts")).topologyCommand,
  },
  {
    name: "shards",
    summary: "Show which nodes own each shard",
    load: async () => (await import("./ctl-shards.ts")).shardsCommand,
  },
  {
    name: "task",
    summary: "Look at tasks",
    children: [
      {
        name: "list",
        summary: "List tasks, newest first",
        load: async () => (await import("./ctl-task.ts")).taskListCommand,
      },
      {
        name: "get",
        summary: "Show one task",
        load: async () => (await import("./ctl-task.ts")).taskGetCommand,
      },
    ],
  },
  {
    name: "index",
    summary: "Look at indexes",
    children: [
      {
        name: "list",
        summary: "List the indexes of the catalog",
        load: async () => (await import("./ctl-index.ts")).indexListCommand,
      },
    ],
  },
  {
    name: "settings",
    summary: "Compare settings between nodes, and put them right",
    children: [
      {
        name: "status",
        summary: "Show which settings each node has",
        load: async () => (await import("./ctl-settings.ts")).settingsStatusCommand,
      },
      {
        name: "repair",
        summary: "Give an index its settings back on the nodes that differ",
        load: async () => (await import("./ctl-settings.ts")).settingsRepairCommand,
      },
      {
        name: "unfreeze",
        summary: "Take writes to an index again although its nodes differ",
        load: async () => (await import("./ctl-settings.ts")).settingsUnfreezeCommand,
      },
    ],
  },
  {
    name: "verify",
    summary: "Compare the copies of every shard, and make them equal",
    load: async () => (await import("./ctl-verify.ts")).verifyCommand,
  },
  {
    name: "ttl",
    summary: "Show and change how expired documents are swept",
    children: [
      {
        name: "show",
        summary: "Show how the expired documents of an index are swept",
        load: async () => (await import("./ctl-ttl.ts")).ttlShowCommand,
      },
      {
        name: "set",
        summary: "Change how often and how many at once",
        load: async () => (await import("./ctl-ttl.ts")).ttlSetCommand,
      },
    ],
  },
  {
    name: "recover",
    summary: "Rebuild a lost store from the nodes",
    load: async () => (await import("./ctl-recover.ts")).recoverCommand,
  },
  ...laterCommands,
];

export const commandTree: CommandEntry = {
  name: "miroir",
  summary: "Makes a fleet of Meilisearch nodes look like one",
  children: [
    {
      name: "serve",
      summary: "Run the router",
      load: async () => (await import("./serve.ts")).serveCommand,
    },
    { name: "ctl", summary: "Ask and steer a running router", children: ctlChildren },
    {
      name: "demo",
      summary: "Show everything on this machine: nodes, router, data, a search, a node lost",
      load: async () => (await import("./demo-command.ts")).demoCommand,
    },
    {
      name: "config",
      summary: "Check, print and describe the configuration",
      children: [
        {
          name: "check",
          summary: "Say what is wrong with the configuration, and where",
          load: async () => (await import("./config-check.ts")).configCheckCommand,
        },
        {
          name: "print",
          summary: "Print the values in effect, secrets masked",
          load: async () => (await import("./config-print.ts")).configPrintCommand,
        },
        {
          name: "schema",
          summary: "Print the JSON Schema of the configuration file",
          load: async () => (await import("./config-schema.ts")).configSchemaCommand,
        },
      ],
    },
    {
      name: "doctor",
      summary: "Reach every node and say what needs to be put right",
      load: async () => (await import("./doctor.ts")).doctorCommand,
    },
    {
      name: "version",
      summary: "Print the version",
      load: async () => (await import("./version-command.ts")).versionCommand,
    },
    {
      name: "completions",
      summary: "Print a completion script for a shell",
      children: (["bash", "zsh", "fish"] as const).map((shell) => ({
        name: shell,
        summary: `Print the script for ${shell}`,
        load: async () => (await import("./completions.ts")).completionsCommand(shell),
      })),
    },
    {
      name: "dev-node",
      summary: "Run a development node: a small stand-in for Meilisearch, for tests and the demo",
      hidden: true,
      load: async () => (await import("./dev-node-command.ts")).devNodeCommand,
    },
  ],
};
