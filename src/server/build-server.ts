/**
 * The composition root: every constructor in dependency order, on one screen. Nothing here decides anything but which
 * part gets which other part.
 */
import type { Config } from "../config/config.ts";
import { hintReplay } from "../coordinators/hint-replay.ts";
import type { Coordinator } from "../coordinators/coordinator.ts";
import { nodeFacts } from "../coordinators/node-facts.ts";
import { nodeProbe } from "../coordinators/node-probe.ts";
import { taskAdoption } from "../coordinators/task-adoption.ts";
import { taskPrune } from "../coordinators/task-prune.ts";
import { taskSync } from "../coordinators/task-sync.ts";
import { webhookDelivery } from "../coordinators/webhook-delivery.ts";
import { createApp, type App } from "../http/app.ts";
import { allRoutes } from "../http/routes/all.ts";
import { createInTurn, type InTurn } from "../platform/in-turn.ts";
import { DEFAULT_LANES_OPTIONS } from "../scatter/create-lanes.ts";
import { createCatalog } from "../services/catalog/create-catalog.ts";
import { createNodeVersions } from "../services/catalog/node-versions.ts";
import { createSequences } from "../services/documents/sequences.ts";
import { probeNodes, reportCoverage } from "../services/fleet/probe-nodes.ts";
import { ENSURE_INDEX_FLOW, ensureIndex, fixPrimaryKey, PREPARE_TOLERATED } from "../services/indexes/ensure-index.ts";
import { createRelay } from "../services/relay/relay-to-one-node.ts";
import type { LeaseKeeper } from "../services/routers/lease-keeper.ts";
import { createGroupRotation } from "../services/search/choose-group.ts";
import { createKnownFields } from "../services/search/known-fields.ts";
import { openRuleBook } from "../services/search-rules/rule-book.ts";
import { createSettingsState } from "../services/settings/settings-state.ts";
import { createOpenChanges } from "../services/settings/open-changes.ts";
import type { Store } from "../store/store.ts";
import type { Telemetry } from "../telemetry/create-telemetry.ts";
import { createSplitter } from "../workers/create-splitter.ts";
import { createWorkerPool } from "../workers/pool.ts";
import { addFlows } from "./add-flows.ts";
import { buildAdoption } from "./build-adoption.ts";
import { buildAdmission, settingsLimits } from "./build-admission.ts";
import { buildAntiEntropy } from "./build-anti-entropy.ts";
import { buildCredentials } from "./build-credentials.ts";
import { buildDurability } from "./build-durability.ts";
import { buildFleet } from "./build-fleet.ts";
import { buildIdempotency } from "./build-idempotency.ts";
import { buildMoreRoutes } from "./build-more-routes.ts";
import { buildRenames, readUnderWay } from "./build-renames.ts";
import { buildRouters, FLEET_SCOPE } from "./build-routers.ts";
import { buildWebhooks } from "./build-webhooks.ts";
import { buildTieBreak } from "./build-tie-break.ts";
import { buildTtl } from "./build-ttl.ts";
import { describeRouter } from "./describe-router.ts";
import { followOthers, underCurrentEpoch } from "./follow-others.ts";
import { limitsOf, nodeFormOf } from "./limits.ts";
import { seedTopology } from "./seed-topology.ts";
import { createStartSteps, letArrive } from "./start-step.ts";
import { realSurroundings, type Surroundings } from "./surroundings.ts";

export interface Server {
  readonly app: App;
  readonly coordinators: readonly Coordinator[];
  /** For those of the coordinators that run on one router at a time. */
  readonly leases: LeaseKeeper;
  /** What has to be done before the first request is taken. */
  recover(): Promise<void>;
  /** After the last request: waits for lanes (bounded), then ends workers and registry. The store stays open. */
  close(): Promise<void>;
}

export async function buildServer(
  config: Config,
  telemetry: Telemetry,
  store: Store,
  around: Surroundings = realSurroundings,
): Promise<Server> {
  const miroir = config;
  const { emit, metrics } = telemetry;
  const { clock, random } = around;
  const limits = limitsOf(config);

  // The fleet: who is there, who is well, how to talk to them.
  const topology = await seedTopology(limits.configuredTopology, store.topology);
  const base = { config, store, limits, around, clock, random, emit };
  const above = () => ({ durability, admission, facts });
  const { fleet, probeClient, diskLost } = buildFleet({ ...base, topology, above });
  const relay = createRelay({ fleet, timeoutMs: limits.nodeTimeoutMs });

  const routers = buildRouters({ config, store, around, emit, epoch: () => fleet.topology().epoch });
  const { watch } = routers;

  // Durable state: tasks, catalog, and what nodes have missed.
  const noted = { ...store, tasks: underCurrentEpoch(store.tasks, watch) };
  const webhooks = buildWebhooks({ config, store: noted, clock, random, emit, relay });
  const catalog = await createCatalog(store.catalog, { spread: () => watch.spread("catalog"), turns: routers.turns });
  const versions = createNodeVersions({ store: store.nodeVersions, catalog, clock });
  await versions.reload();
  const book = await openRuleBook(store.searchRules);
  const expel = (nodeId: string): void => admission.expel(nodeId);
  const durability = buildDurability({
    ...base,
    routers,
    fleet,
    probeClient,
    taskStore: webhooks.tasks,
    closed: (nodeId) => admission.closed(nodeId),
    diskLost,
  });
  const { tasks, hints, strays, lanes, missed } = durability;
  const { turns, renames } = buildRenames({ routers, store, tasks, clock, sequences: () => sequences });

  // Changes that every node takes.
  const inTurn = createInTurn<string>();
  const gate: Pick<InTurn<string>, "run"> = { run: (uid, work) => turns.run([uid], () => inTurn.run(uid, work)) };
  const changes = createOpenChanges((uid) => catalog.get(uid));
  const withdraw = (uid: number): Promise<void> => tasks.withdraw(uid);
  const broadcasting = {
    fleet,
    lanes,
    tasks,
    missed,
    policy: miroir.broadcast.policy,
    withdraw,
    turns,
    renames,
    catalog,
    versions,
    relay,
    client: (nodeId: string) => fleet.client(nodeId),
    clock,
    emit,
    gate,
    shards: miroir.shards,
    form: nodeFormOf(config),
    timeoutMs: limits.nodeTimeoutMs,
  } as const;
  const indexes = { ...broadcasting, wantedSettings: (uid: string) => changes.wanted(uid), suspect: expel };
  const copies = (): number => fleet.topology().groups.length * fleet.topology().replicationFactor;
  const settings = { ...broadcasting, ...settingsLimits(config), changes, suspect: expel };
  addFlows({ tasks, taskStore: store.tasks, indexes, settings, copies });
  const tieBreak = buildTieBreak(settings, tasks);

  // Documents and searches.
  const pool = createWorkerPool(limits.workers);
  const witness = (seen: bigint): void => durability.versions.witness(seen);
  const sequences = createSequences({ ...base, ...routers, fleet, witness });
  const knownFields = createKnownFields({ fleet, timeoutMs: limits.nodeTimeoutMs });
  const settingsState = createSettingsState(settings);
  const reading = {
    fleet,
    catalog,
    relay,
    knownFields,
    rotation: createGroupRotation(),
    random,
    policy: limits.readPolicy,
    emit,
    ranking: limits.ranking,
    multi: { ...limits.multi, clock },
    pinsOf: (uid: string) => book.pinsOf(uid),
    settingsState,
    lacksIndex: (nodeId: string, uid: string) => admitting.lacksIndex(nodeId, uid),
  };
  const writing = {
    catalog,
    fleet,
    lanes,
    tasks,
    hints,
    emit,
    relay,
    knownFields,
    sequences,
    versions: durability.versions,
    withdraw,
    turns,
    holds: durability.holds,
    splitter: createSplitter(pool, { minBytes: miroir.workers.min_bytes }),
    ensureIndex: (uid: string, primaryKey: string | null) => ensureIndex(indexes, uid, primaryKey),
    fixPrimaryKey: (uid: string, primaryKey: string) => fixPrimaryKey(indexes, uid, primaryKey),
    prepareFlow: ENSURE_INDEX_FLOW,
    prepareTolerated: PREPARE_TOLERATED,
    enqueueTimeoutMs: limits.enqueueTimeoutMs,
    shardsOfNewIndex: miroir.shards,
    validation: miroir.documents.validation,
    ...limits.fields,
  };

  const fleetWide = <T>(work: () => Promise<T>): Promise<T> =>
    turns.run([FLEET_SCOPE], () => inTurn.run(FLEET_SCOPE, work));
  const credentials = buildCredentials({ ...broadcasting, config, book, hints, fleetWide, watch });
  const { keys, facts, authorize, forget, changeKeys } = credentials;
  const looking = { config, taskStore: store.tasks, hints, strays, changes, facts, membership: routers.membership };
  const { admission, ...admitting } = buildAdmission({ ...indexes, ...looking });
  const shared = { missed, random, forget, book, config, store, telemetry, knownFields, limits, changeKeys, fleetWide };
  const more = buildMoreRoutes(indexes, { ...shared, run: routers.membership.run });
  for (const flow of more.flows) tasks.addFlow(flow);
  const once = buildIdempotency(base);
  const antiEntropy = buildAntiEntropy({
    ...base,
    ...routers,
    ...durability,
    fleet,
    catalog,
    turns,
    nameTurns: routers.turns,
    renames,
    gate: inTurn,
    isPrepared: (nodeId) => admission.mayReplay(nodeId),
    lacksIndex: reading.lacksIndex,
    nodeVersions: versions,
    wantedSettings: indexes.wantedSettings,
  });
  const { drift } = admitting;
  const ttl = buildTtl({ ...base, catalog, fleet, tasks, changes, membership: routers.membership, drift, writing });
  const routes = allRoutes({
    search: reading,
    documentsRead: reading,
    documentsWrite: { ...writing, idempotency: once.idempotency },
    indexes,
    settings,
    settingsHeaders: (uids) => settingsState.headers(uids),
    tasks: {
      registry: tasks,
      store: store.tasks,
      fleet,
      nudge: () => tasks.nudge(),
      idFormat: miroir.task_registry.id_format,
      timeoutMs: limits.nodeTimeoutMs,
      ...more.routes.features,
    },
    ...more.routes,
    webhooks: webhooks.routes,
    verify: antiEntropy.routes,
    ttl: ttl.routes,
    health: { relay, clock },
    adminEnabled: miroir.admin.enabled,
    taskNames: miroir.task_registry.id_format === "mtask",
    miroir: describeRouter({
      config,
      fleet,
      catalog,
      store,
      facts,
      admission,
      drift: admitting.drift,
      telemetry,
      clock,
    }),
    miroirSettings: admitting.routes,
  });
  const app = createApp({ routes, authorize, clock, random, emit, metrics, limits: () => limits.app });

  const probing = {
    fleet,
    probeTimeoutMs: miroir.health.timeout_ms,
    shards: miroir.shards,
    emit,
    probeClient,
  };
  const lifecycle = { ...indexes, turns: routers.turns, gate: inTurn };
  const adoption = buildAdoption({ tasks, taskStore: store.tasks, catalog, indexes: lifecycle, drift });
  const writeVersions = durability.versions;
  followOthers(routers, { ...broadcasting, store, book, hints, keys, sequences, changes, writeVersions });
  return {
    app,
    leases: routers.leases,
    coordinators: [
      taskAdoption({ membership: routers.membership, adopt: adoption.adopt }),
      nodeProbe(probing, miroir.health.interval_ms),
      nodeFacts(facts),
      taskSync(tasks),
      hintReplay({ ...durability, fleet, admission, leases: routers.leases }),
      ...[admitting, antiEntropy, once, more, ttl].flatMap(({ coordinators }) => coordinators),
      tieBreak.coordinator,
      webhookDelivery(webhooks.delivery),
      taskPrune({ store: store.tasks, clock, emit }, limits.prune),
    ],
    async recover() {
      const startStep = createStartSteps(clock);
      await startStep(() => routers.start(fleet.topology().epoch));
      await startStep(() => durability.load());
      await Promise.all([probeNodes(probing), startStep(tieBreak.prepare)]);
      await startStep(() => letArrive(store.tasks, clock));
      await readUnderWay({ store, changes, renames });
      await facts.refresh();
      await startStep(() => admission.step(new AbortController().signal));
      reportCoverage(probing);
      await startStep(adoption.adopt);
    },
    async close() {
      adoption.close();
      await antiEntropy.close();
      await lanes.idle(LANES_IDLE_MS);
      more.close();
      await tasks.close();
      await webhooks.delivery.close();
      pool.close();
      await routers.stop();
    },
  };
}

/** What a stopping router waits for writes that are on their way; what is left is found again by operation id. */
const LANES_IDLE_MS = DEFAULT_LANES_OPTIONS.lookupTimeoutMs * 2;
