/** What is worth knowing about the routers that share one store: who lives, who leads, who has lost what it had. */
import { defineEvent } from "../event.ts";

export const routersSeen = defineEvent<{ routers: number }>({
  name: "router.peers_seen",
  level: null,
  message: "The living routers were counted.",
  measure: (metrics, { routers }) => metrics.set("peer_router_count", routers),
});

export const routerWasGone = defineEvent<{ name: string }>({
  name: "router.was_gone",
  level: "warn",
  message: "No heartbeat of this router reached the store for so long that others may have taken over its work.",
});

export const routerSuperseded = defineEvent<{ name: string }>({
  name: "router.superseded",
  level: "error",
  message: "A later run has taken the name of this router. It stops; give every router a `router.id` of its own.",
});

export const leadershipChanged = defineEvent<{ scope: string; leads: boolean }>({
  name: "router.leadership_changed",
  level: "info",
  message: "This router took or lost the lease on work that one router does.",
  measure: (metrics, { scope, leads }) => metrics.set("leader", leads ? 1 : 0, { scope }),
});

export const leaseRenewalFailed = defineEvent<{ scope: string; detail: string }>({
  name: "router.lease_renewal_failed",
  level: "warn",
  message: "A lease could not be renewed; it is tried again until the lease runs out.",
});
