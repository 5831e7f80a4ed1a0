/** Credentials: the nodes stay the judges. What they know of API keys, who may do what, and changing keys on all of them. */
import type { Config } from "../config/config.ts";
import { createAuthorize } from "../http/auth/authorize.ts";
import type { Clock } from "../platform/clock.ts";
import { alignShared } from "../services/admission/align-shared.ts";
import type { NodeVersions } from "../services/catalog/node-versions.ts";
import { createNodeFacts, type NodeFacts } from "../services/fleet/node-facts.ts";
import type { RuleBook } from "../services/search-rules/rule-book.ts";
import type { ManagedFleet } from "../services/fleet/create-fleet.ts";
import type { Hints } from "../services/hints/hints.ts";
import { createKeyFinder, type KeyFinder } from "../services/keys/find-key.ts";
import type { Relay } from "../services/relay/relay.ts";
import type { ChangeWatch } from "../services/routers/change-watch.ts";
import type { Emit } from "../telemetry/event.ts";

export interface CredentialParts {
  readonly config: Config;
  readonly fleet: ManagedFleet;
  readonly versions: NodeVersions;
  readonly book: RuleBook;
  readonly hints: Pick<Hints, "pending">;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly timeoutMs: number;
  /** One change at a time of what belongs to all nodes, over all routers. */
  readonly fleetWide: <T>(work: () => Promise<T>) => Promise<T>;
  readonly watch: Pick<ChangeWatch, "tell">;
}

export interface Credentials {
  readonly keys: KeyFinder;
  readonly facts: NodeFacts;
  readonly authorize: ReturnType<typeof createAuthorize>;
  readonly forget: () => void;
  readonly changeKeys: <T>(work: () => Promise<T>) => Promise<T>;
}

export function buildCredentials(parts: CredentialParts): Credentials {
  const { config, fleet, versions, book, hints, relay, clock, emit, fleetWide, watch } = parts;
  const keys = createKeyFinder({
    ask: (path, signal) => relay({ method: "GET", path, operation: "keys.get" }, signal),
    clock,
    nodeMasterKey: config.node_master_key,
  });
  const forget = (): void => keys.forget();
  return {
    keys,
    forget,
    facts: createNodeFacts({
      fleet,
      adoptKeys: (aligned) => {
        const steady = (nodeId: string): boolean => aligned.has(nodeId);
        return fleetWide(() => alignShared({ fleet, versions, book, hints, steady, emit, forget }));
      },
      timeoutMs: parts.timeoutMs,
      emit,
    }),
    authorize: createAuthorize({ clock, keys, masterKey: config.master_key, adminKey: config.admin.api_key }),
    // Every router forgets what it knew of keys before anybody is told that they have changed.
    changeKeys: (work) =>
      fleetWide(async () => {
        try {
          return await work();
        } finally {
          await watch.tell("keys");
        }
      }),
  };
}
