/**
 * Everything a router touches outside itself, beside its store: time, chance, the wires to its nodes, and the folder of
 * kept writes. The program takes the real ones; the simulation puts a world of its own in their place.
 */
import { createHttpNodeClient, type HttpNodeOptions } from "../nodes/http/http-node-client.ts";
import type { NodeClient } from "../nodes/node-client.ts";
import type { Clock } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { systemClock, systemRandom } from "../platform/system.ts";
import type { HintSpool } from "../store/hint-spool.ts";
import type { RouterIdentity } from "./router-identity.ts";
import { createFileSpool } from "../store/spool/file-spool.ts";

export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  /** One exchange with one node; deadlines, retries and limits are put around it. */
  readonly wire: (options: HttpNodeOptions) => NodeClient;
  readonly spool: (folder: string) => HintSpool;
  /** Default: a name by the configuration, and a run of its own. */
  readonly identity?: RouterIdentity;
  /** Ends the router in good order. */
  readonly stop?: (reason: string) => void;
}

export const realSurroundings: Surroundings = {
  clock: systemClock,
  random: systemRandom,
  wire: createHttpNodeClient,
  spool: createFileSpool,
};
