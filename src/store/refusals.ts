/** What a store says no to although it works: another router has the right to write by now. */
import { type ApiError, apiError } from "../core/errors/api-error.ts";

export function leaseLost(scope: string): ApiError {
  return apiError("miroir_taken_over", `The lease on \`${scope}\` is no longer held here; another router may have it.`);
}

export function turnLost(indexUid: string): ApiError {
  return apiError("miroir_taken_over", `Another router has had the turn on index \`${indexUid}\` since.`);
}

export function taskMoved(uid: number): ApiError {
  return apiError("miroir_taken_over", `Task ${uid} is followed by another router by now.`);
}

export function topologyChanged(): ApiError {
  return apiError(
    "miroir_topology_changed",
    "The topology has changed and this router still works under the former one, so it takes no writes. Another router may; this one needs a restart.",
  );
}

export function storeLost(): ApiError {
  return apiError(
    "miroir_store_unavailable",
    "The Redis server has lost what it kept, or is another one. Bring its data back, or rebuild it with `miroir ctl recover` and restart the routers.",
  );
}
