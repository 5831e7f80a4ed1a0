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

export const routersBehind = defineEvent<{ what: string; routers: readonly string[] }>({
  name: "router.others_behind",
  level: "warn",
  message: "Other routers that seem to live have not taken in a change in time; it stands without them.",
});

export const changesNotTaken = defineEvent<{ detail: string }>({
  name: "router.changes_not_taken",
  level: "warn",
  message: "What other routers have changed could not be read; it is tried again.",
});

export const turnRefused = defineEvent<{ scope: string; waitedMs: number }>({
  name: "router.turn_refused",
  level: "warn",
  message: "Another router kept the turn on an index for so long that a write was refused.",
});

export const jobsWaiting = defineEvent<{ type: string; jobs: number }>({
  name: "job.waiting",
  level: null,
  message: "The jobs that have not ended were counted.",
  measure: (metrics, { type, jobs }) => metrics.set("background_queue_depth", jobs, { job_type: type }),
});

export const jobEnded = defineEvent<{ id: string; type: string; state: "completed" | "failed"; detail: string }>({
  name: "job.ended",
  level: "info",
  message: "A chunk of heavy work has ended.",
});
