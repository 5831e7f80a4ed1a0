/** What goes wrong, drawn from the seed: one fault after another over the first seconds, each with its own end. */
import type { Dice } from "./dice.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";
import { changeSettings } from "./node-documents.ts";
import type { Odds } from "./odds.ts";
import { FAIR, type Network, type Weather } from "./simulated-network.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { SimulatedRouter } from "./simulated-router.ts";
import type { Timeline } from "./timeline.ts";

export interface FaultParts {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly nodes: readonly SimulatedNode[];
  /** Ids of the nodes of each group. */
  readonly groups: readonly (readonly string[])[];
  readonly network: Network;
  readonly disk: SimulatedDisk;
  readonly router: SimulatedRouter;
  readonly note: (text: string) => void;
  readonly kinds: readonly FaultKind[];
  /** Without them an empty disk is a loss that nothing can mend. */
  readonly hasOtherCopies: boolean;
  /** Settings may be changed behind the router's back. */
  readonly edits: boolean;
  /** Nodes that have lost their disk and are not filled again. */
  readonly emptied: Set<string>;
  readonly odds: Odds;
}

export type FaultKind =
  | "node_killed"
  | "node_stalled"
  | "requests_lost"
  | "answers_lost"
  | "requests_twice"
  | "slow_line"
  | "node_cut"
  | "group_cut"
  | "router_killed"
  | "store_failing"
  | "clock_jump"
  | "task_failed"
  | "settings_failed"
  | "settings_edited"
  | "node_emptied";

/** What no hint can mend, because nobody knows what was missed: replicas or settings have to be compared. */
export const MENDED_BY_COMPARING: readonly FaultKind[] = ["task_failed", "node_emptied", "settings_edited"];

export const FAULT_KINDS: readonly FaultKind[] = [
  "node_killed",
  "node_stalled",
  "requests_lost",
  "answers_lost",
  "requests_twice",
  "slow_line",
  "node_cut",
  "group_cut",
  "router_killed",
  "store_failing",
  "clock_jump",
  "settings_failed",
];

export function scheduleFaults(parts: FaultParts, fromMs: number, toMs: number): void {
  const { timeline, dice, odds } = parts;
  const kinds = [...parts.kinds, ...odds.oftenFaults];
  const count = odds.faultsMin + dice.below(6);
  let mayEmpty = parts.hasOtherCopies;
  for (let fault = 0; fault < count; fault += 1) {
    let kind = dice.pick(kinds);
    // One disk at a time: with the last copy a promise ends too.
    if (kind === "node_emptied" && !mayEmpty) kind = "node_killed";
    if (kind === "node_emptied") mayEmpty = false;
    if (kind === "settings_edited" && !parts.edits) kind = "settings_failed";
    timeline.after(dice.between(fromMs, toMs) - timeline.nowMs(), () => strike(parts, kind));
  }
}

/** Everything works again; a router that is down is started. */
export function heal({ nodes, network, disk, router, dice, note }: FaultParts): void {
  note("everything heals");
  disk.setFailing(0);
  for (const node of nodes) {
    network.setWeather(node.id, FAIR);
    network.mend(node.id);
    node.resume(() => dice.between(0, RESUME_SPREAD_MS));
    node.start();
    node.failTasks = 0;
    node.failSettings = 0;
  }
  router.start();
}

const RESUME_SPREAD_MS = 60;

function strike(parts: FaultParts, kind: FaultKind): void {
  const { timeline, dice, network, disk, router, note, odds } = parts;
  const node = dice.pick(parts.nodes);
  const lastsMs = dice.chance(0.08) ? dice.between(31_000, 40_000) : dice.between(...odds.faultLastsMs);
  note(`fault ${kind} ${kind === "group_cut" || kind === "router_killed" ? "" : node.id} for ${lastsMs.toFixed(0)} ms`);
  const weather = (change: Partial<Weather>): void => {
    network.setWeather(node.id, { ...FAIR, ...change });
    timeline.after(lastsMs, () => network.setWeather(node.id, FAIR));
  };
  switch (kind) {
    case "node_killed":
      return killNode(parts, node, lastsMs, false);
    case "node_emptied":
      // What another node has still to get may be on this disk alone: then its loss ends a promise. Of a node that has
      // missed something while the store failed, the store does not say so.
      void Promise.all([disk.durable.hints.totals(), disk.durable.repairs.suspects()]).then(([behind, suspects]) =>
        killNode(parts, node, lastsMs, behind.size + suspects.length === 0 && !disk.isFailing()),
      );
      return;
    case "node_stalled":
      if (!node.isUp) return;
      node.stall();
      timeline.after(lastsMs, () => node.resume(() => dice.between(0, RESUME_SPREAD_MS)));
      return;
    case "requests_lost":
      return weather({ lostRequest: dice.between(0.1, 0.9) });
    case "answers_lost":
      return weather({ lostAnswer: dice.between(0.1, 0.9) });
    case "requests_twice":
      return weather({ twice: dice.between(0.2, 1) });
    case "slow_line":
      return weather({ slowMs: dice.between(10, 80), lostAnswer: 0.05 });
    case "node_cut":
      network.cut(node.id);
      timeline.after(lastsMs, () => network.mend(node.id));
      return;
    case "group_cut":
      return cutGroup(parts, lastsMs);
    case "router_killed":
      // Not at this instant but between any two of the events that follow.
      timeline.afterSteps(dice.below(120), () => {
        router.kill();
        timeline.after(dice.between(...odds.routerAwayMs), () => router.start());
      });
      return;
    case "store_failing":
      disk.setFailing(dice.between(0.2, 1));
      timeline.after(Math.min(lastsMs, 2_000), () => disk.setFailing(0));
      return;
    case "clock_jump":
      return router.jump(dice.pick([-7_200_000, -60_000, -900, 900, 60_000, 7_200_000]));
    case "task_failed":
      // On the only whole copy it may be a loss (docs/guarantees.md).
      if (parts.emptied.size === 0 || parts.emptied.has(node.id)) node.failTasks = 1;
      return;
    case "settings_edited":
      return editSettings(parts, node);
    case "settings_failed":
      node.failSettings = 1;
      return;
  }
}

function killNode(parts: FaultParts, node: SimulatedNode, lastsMs: number, empties: boolean): void {
  const { timeline, network, nodes, emptied } = parts;
  if (!node.isUp) return;
  node.kill();
  if (empties) {
    node.wipe();
    emptied.add(node.id);
    for (const other of nodes) if (other !== node) other.failTasks = 0;
  }
  timeline.after(0.2, () => network.reset(node.id));
  timeline.after(lastsMs, () => node.start());
}

function editSettings({ nodes, disk }: FaultParts, node: SimulatedNode): void {
  const edit = (): void => {
    for (const index of node.indexes.values()) changeSettings(index, { stopWords: ["edited"] });
    node.wasEdited = true;
  };
  if (!nodes.every((other) => other === node || other.wasEdited)) return edit();
  // What all nodes show between a change and the look at it may be what the change meant (docs/guarantees.md).
  void disk.durable.tasks.unfinished().then((open) => {
    if (!open.some(({ type }) => type === "settingsUpdate")) edit();
  });
}

function cutGroup({ timeline, dice, network, groups, note }: FaultParts, lastsMs: number): void {
  const group = dice.pick(groups);
  note(`cut off: ${group.join(", ")}`);
  for (const nodeId of group) network.cut(nodeId);
  timeline.after(lastsMs, () => group.forEach((nodeId) => network.mend(nodeId)));
}
