/**
 * The architecture as data: which room of `src` may import which, what each must never do, and which powers are kept
 * in which files. The tests beside this file hold the source to it; a new room starts with a row here.
 */

export interface Layer {
  /** Rooms this one may import, besides itself. */
  readonly mayImport: readonly string[];
  /** The rule in words, for the message of a violation. */
  readonly rule: string;
  /** Packages and built-in modules are forbidden altogether. */
  readonly noPackages?: true;
}

const floor = ["core", "platform", "telemetry", "version.ts"] as const;

/** A room is a folder of `src`, or a file that lies directly in it. From the top to the bottom. */
export const layers: Readonly<Record<string, Layer>> = {
  "main.ts": { mayImport: ["cli"], rule: "main.ts makes the process what it has to be and loads the program" },
  "program.ts": { mayImport: ["cli"], rule: "program.ts turns arguments into an exit code and leaves the rest to cli" },
  cli: {
    mayImport: ["config", "server", "devnode", ...floor],
    rule: "cli reaches the running router only through its admin client, and constructs nothing itself",
  },
  server: {
    mayImport: [
      "http",
      "coordinators",
      "services",
      "scatter",
      "nodes",
      "outgoing",
      "store",
      "workers",
      "config",
      ...floor,
    ],
    rule: "server constructs, starts and stops; it may name everything below the command line",
  },
  http: {
    mayImport: ["services", "ui", ...floor],
    rule: "http decodes, authorises and renders; what happens behind it is the services' business",
  },
  coordinators: {
    mayImport: ["services", "store", ...floor],
    rule: "coordinators say when a service step runs, never how",
  },
  services: {
    mayImport: ["scatter", "nodes", "outgoing", "store", ...floor],
    rule: "services are use cases: they know no HTTP surface, no configuration and no construction",
  },
  scatter: { mayImport: ["nodes", ...floor], rule: "scatter sends and collects without looking into a payload" },
  nodes: { mayImport: [...floor], rule: "nodes talk to one Meilisearch node and know nothing of shards or stores" },
  outgoing: {
    mayImport: [...floor],
    rule: "outgoing calls addresses that clients name, and refuses internal ones; it knows nothing of why",
  },
  store: { mayImport: [...floor], rule: "the store keeps and finds; it calls no node and holds no policy" },
  workers: { mayImport: [...floor], rule: "workers compute away from the event loop, with what core offers" },
  config: { mayImport: ["core", "version.ts"], rule: "config reads, validates and describes; others receive values" },
  telemetry: {
    mayImport: ["core", "platform", "version.ts"],
    rule: "telemetry lists events and writes them; it decides nothing",
  },
  ui: { mayImport: [], rule: "pages use the public HTTP API" },
  platform: { mayImport: [], rule: "platform knows time and chance, and nothing of Miroir" },
  core: {
    mayImport: [],
    rule: "core is pure: same input, same output, no waiting, nothing from outside",
    noPackages: true,
  },
  devnode: { mayImport: [], rule: "the development node is a room of its own that shares nothing with the router" },
  "version.ts": { mayImport: [], rule: "the version is a constant" },
  "assets.d.ts": { mayImport: [], rule: "declares files that are imported as text" },
};

/** Some rooms open only to some files of a room that may import them. */
export const doors: readonly { readonly to: string; readonly only: readonly string[]; readonly rule: string }[] = [
  {
    to: "devnode/",
    only: ["devnode/", "cli/dev-node", "cli/demo"],
    rule: "only the commands that start development nodes may load them",
  },
  ...["nodes/http/", "outgoing/http/", "store/sqlite/", "store/redis/", "store/memory/", "store/spool/"].map(
    (adapter) => ({
      to: adapter,
      only: [adapter, "server/"],
      rule: "an adapter is named only where the program is put together; use the port above it",
    }),
  ),
];

/**
 * Inside these rooms a folder may import any folder that stands in an earlier row, so that their graph stays without
 * cycles and a newcomer can read it from one end to the other.
 */
export const orders: Readonly<Record<string, readonly (readonly string[])[]>> = {
  core: [
    ["assert.ts", "ids.ts"],
    ["errors", "json"],
    ["topology", "catalog", "markers", "filters", "tasks", "lease", "webhooks", "network", "search-rules"],
    ["routing", "documents", "settings"],
    ["quorum", "rebalance", "merge", "export"],
    ["search", "recover", "anti-entropy", "ttl"],
  ],
  services: [
    ["routers"],
    ["fleet", "catalog"],
    ["tasks", "relay"],
    ["webhooks"],
    ["hints", "idempotency"],
    ["broadcast"],
    ["recover"],
    ["indexes", "settings", "keys", "experimental", "stats", "chats", "search-rules", "templates"],
    ["admission"],
    ["search"],
    ["documents", "export"],
    ["anti-entropy", "ttl"],
  ],
};

/** Files that nothing in `src` imports, and what they are there for. */
export const entryPoints: Readonly<Record<string, string>> = {
  "main.ts": "the process",
  "program.ts": "loaded by main.ts by its URL",
  "workers/worker.ts": "started as a worker by the pool",
  "devnode/main.ts": "started as a process by tests",
  "assets.d.ts": "read by the compiler",
  "cli/reference-page.ts": "called by scripts/generate.ts",
  "core/topology/transition-node.ts":
    "changing the topology at run time has no route yet; the rules are proven already",
  "store/memory/open.ts": "the store of the tests, held to the same contract as the others",
};

export interface Capability {
  readonly what: string;
  readonly pattern: RegExp;
  /** Beginnings of paths. */
  readonly onlyIn: readonly string[];
  readonly instead: string;
}

const clockInstead = "take a Clock or Random of platform as a dependency";

/** Checked in code only: comments and texts may mention what they like. `devnode` is exempt, it is not the router. */
export const capabilities: readonly Capability[] = [
  {
    what: "outgoing fetch",
    pattern: /(?<![.\w])fetch\s*\(|globalThis\.fetch/,
    onlyIn: ["nodes/http/", "cli/admin-client.ts", "cli/demo-client.ts"],
    instead: "ask a NodeClient",
  },
  {
    what: "requests to addresses that clients name",
    pattern: /from "node:https?"/,
    onlyIn: ["outgoing/http/"],
    instead: "ask an Outgoing",
  },
  {
    what: "Bun.serve",
    pattern: /\bBun\.(?:serve|listen)\b/,
    onlyIn: ["http/listen.ts"],
    instead: "use http/listen.ts",
  },
  {
    what: "SQLite",
    pattern: /\bnew Database\b|import\b[^;]*"bun:sqlite"/,
    onlyIn: ["store/sqlite/"],
    instead: "use the store's ports",
  },
  {
    what: "Redis",
    pattern: /import\b[^;]*"ioredis"|\bBun\.redis\b|\bRedisClient\b/,
    onlyIn: ["store/redis/"],
    instead: "use the store's ports",
  },
  {
    what: "the environment",
    pattern: /\bprocess\.env\b|\bBun\.env\b|\bimport\.meta\.env\b/,
    onlyIn: ["config/read-sources.ts"],
    instead: "declare a configuration key",
  },
  {
    what: "the clock",
    pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bBun\.nanoseconds\b/,
    onlyIn: ["platform/system.ts"],
    instead: clockInstead,
  },
  {
    what: "timers",
    pattern: /(?<![.\w])set(?:Timeout|Interval|Immediate)\s*\(|\bBun\.sleep|\bAbortSignal\.timeout\b/,
    // A client on the command line may give up on its own request.
    onlyIn: ["platform/system.ts", "cli/admin-client.ts", "cli/demo-client.ts"],
    instead: clockInstead,
  },
  {
    what: "chance",
    pattern: /\bMath\.random\b|\brandomUUID|\bgetRandomValues\b|\brandomBytes\b/,
    onlyIn: ["platform/system.ts"],
    instead: clockInstead,
  },
  {
    what: "standard output",
    pattern: /(?<![.\w])console\.\w|\bprocess\.std(?:out|err)\b|\bBun\.std(?:out|err)\b/,
    onlyIn: ["telemetry/log.ts", "cli/print.ts"],
    instead: "emit an event, or print in cli/print.ts",
  },
  {
    what: "ending the process and its signals",
    pattern: /\bprocess\.(?:exit|exitCode|kill|once|on|abort)\b/,
    // The demo stays in the foreground until it is interrupted.
    onlyIn: ["main.ts", "program.ts", "server/run-server.ts", "cli/demo.ts"],
    instead: "return an exit code",
  },
  {
    what: "a bare Error",
    pattern: /(?<![.\w])new Error\s*\(|\bthrow Error\b/,
    onlyIn: [],
    instead: "throw an ApiError with a code of the table, or assert",
  },
];
