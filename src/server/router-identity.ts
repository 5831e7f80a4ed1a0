/** Who this router is among the others: a name that survives its restarts, and one for this run of it. */
import { hostname } from "node:os";
import type { Config } from "../config/config.ts";
import type { Random } from "../platform/random.ts";

export interface RouterIdentity {
  readonly name: string;
  /** Another at every start: what belongs to a former run is not this one's. */
  readonly run: string;
}

export function routerIdentity(
  config: Pick<Config, "router" | "server">,
  random: Pick<Random, "uuidV7">,
): RouterIdentity {
  const name = config.router.id === "" ? `${hostname()}:${config.server.port}` : config.router.id;
  return { name, run: `${name}/${random.uuidV7()}` };
}
