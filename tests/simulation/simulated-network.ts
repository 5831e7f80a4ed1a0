/**
 * The lines between router and nodes. A request takes its time, may be lost before or after the node has acted on it,
 * may arrive twice before it is answered, or not at all while the line is cut. What a router has sent may still arrive
 * shortly after it has given up, or died. Nothing arrives later than `LATE_MAX_MS` after the node reads again.
 */
import { wholeBody } from "../../src/core/documents/body-stream.ts";
import { classifyAnswer, classifyFailure } from "../../src/nodes/classify.ts";
import type { NodeClient, NodeRequest } from "../../src/nodes/node-client.ts";
import type { NodeOutcome } from "../../src/nodes/node-outcome.ts";
import type { Dice } from "./dice.ts";
import { answerCall } from "./node-routes.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { Timeline } from "./timeline.ts";

/** Probabilities for one request, while they are set. */
export interface Weather {
  readonly lostRequest: number;
  readonly lostAnswer: number;
  readonly twice: number;
  readonly slowMs: number;
}

export const FAIR: Weather = { lostRequest: 0, lostAnswer: 0, twice: 0, slowMs: 0 };
const LATE_MAX_MS = 80;

/** Whoever sends: nothing is delivered to it once it is dead. */
export interface Sender {
  readonly alive: boolean;
  onDeath(work: () => void): void;
}

export interface Network {
  wire(sender: Sender, nodeId: string): NodeClient;
  setWeather(nodeId: string, weather: Weather): void;
  cut(nodeId: string): void;
  mend(nodeId: string): void;
  /** The node's process has ended: whoever waits for it hears of a reset. */
  reset(nodeId: string): void;
}

interface Line {
  weather: Weather;
  isCut: boolean;
  readonly waiting: Set<Exchange>;
}

interface Exchange {
  readonly request: NodeRequest;
  /** Given back to the router, once. */
  end(outcome: NodeOutcome): void;
  hasEnded: boolean;
}

export function createNetwork(
  timeline: Timeline,
  dice: Dice,
  nodes: ReadonlyMap<string, SimulatedNode>,
  note: ((text: string) => void) | undefined,
): Network {
  const lines = new Map<string, Line>();
  for (const id of nodes.keys()) lines.set(id, { weather: FAIR, isCut: false, waiting: new Set() });
  const line = (nodeId: string): Line => lines.get(nodeId) as Line;

  function exchange(sender: Sender, nodeId: string, request: NodeRequest, signal?: AbortSignal): Promise<NodeOutcome> {
    const { promise, resolve } = Promise.withResolvers<NodeOutcome>();
    const here = line(nodeId);
    const onAbort = (): void => one.end(classifyFailure(nodeId, signal?.reason, signal));
    const one: Exchange = {
      request,
      hasEnded: false,
      end(outcome) {
        if (one.hasEnded) return;
        one.hasEnded = true;
        here.waiting.delete(one);
        signal?.removeEventListener("abort", onAbort);
        if (sender.alive) resolve(outcome);
      },
    };
    here.waiting.add(one);
    signal?.addEventListener("abort", onAbort, { once: true });
    travel(sender, nodeId, here, one);
    return promise;
  }

  function travel(sender: Sender, nodeId: string, here: Line, one: Exchange): void {
    const node = nodes.get(nodeId) as SimulatedNode;
    const { weather } = here;
    const fails = (code: string): void => one.end(classifyFailure(nodeId, { code }, undefined));
    const isLost = dice.chance(weather.lostRequest);
    const arrivesTwice = dice.chance(weather.twice);
    const answerIsLost = dice.chance(weather.lostAnswer);
    // A packet of a dead sender is on the wire, or it is not.
    const survives = dice.chance(0.5);
    if (here.isCut) return;
    timeline.after(latency(weather), () => {
      if (here.isCut || (!sender.alive && !survives)) return;
      if (!node.isUp) return fails("ECONNREFUSED");
      if (isLost) return fails("ECONNRESET");
      node.whenRead(() => {
        const act = (): ReturnType<typeof answerCall> => answerCall(node, callOf(one.request));
        if (arrivesTwice) act();
        const reply = act();
        if (one.request.repeat === "once") note?.(`${nodeId} took ${one.request.method} ${one.request.path}`);
        timeline.after(latency(weather), () => {
          if (here.isCut) return;
          if (answerIsLost || !node.isUp) return fails("ECONNRESET");
          one.end(classifyAnswer(nodeId, one.request, reply.status, reply.text));
        });
      });
    });
  }

  function latency({ slowMs }: Weather): number {
    return dice.between(0.1, 3) + (slowMs > 0 ? dice.between(0, Math.min(slowMs, LATE_MAX_MS)) : 0);
  }

  return {
    wire: (sender, nodeId) => ({
      nodeId,
      address: nodeId,
      send: (request, signal) => exchange(sender, nodeId, request, signal),
    }),
    setWeather: (nodeId, weather) => {
      line(nodeId).weather = weather;
    },
    cut: (nodeId) => {
      line(nodeId).isCut = true;
    },
    mend: (nodeId) => {
      const here = line(nodeId);
      here.isCut = false;
      // Both ends find out that what they had open is gone.
      for (const one of here.waiting) one.end(classifyFailure(nodeId, { code: "ECONNRESET" }, undefined));
    },
    reset: (nodeId) => {
      for (const one of line(nodeId).waiting) one.end(classifyFailure(nodeId, { code: "ECONNRESET" }, undefined));
    },
  };
}

function callOf({ method, path, body, contentType }: NodeRequest): Parameters<typeof answerCall>[1] {
  const whole = body === undefined ? "" : wholeBody(body);
  return {
    method,
    path,
    body: typeof whole === "string" ? whole : text.decode(whole),
    contentType: contentType ?? (body === undefined ? undefined : "application/json"),
  };
}

const text = new TextDecoder();
