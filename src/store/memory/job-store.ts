/** `JobStore` in a map in the order of arrival. */
import type { Job, JobStore } from "../job-store.ts";

export function memoryJobStore(nowMs: () => number): JobStore {
  const jobs = new Map<string, Job>();
  const isOver = ({ state }: Job): boolean => state === "completed" || state === "failed";
  const keep = (id: string, claimant: string, change: Partial<Job>, progress: Job["progress"] | undefined): boolean => {
    const job = jobs.get(id);
    if (job?.state !== "in_progress" || job.claimedBy !== claimant) return false;
    if ((job.claimExpiresAt ?? 0) <= nowMs()) return false;
    jobs.set(id, { ...job, ...change, progress: progress === undefined ? job.progress : structuredClone(progress) });
    return true;
  };
  return {
    enqueue: async ({ id, type, params }) => {
      if (jobs.has(id)) return;
      const job = { id, type, params: structuredClone(params), state: "queued" as const };
      jobs.set(id, { ...job, claimedBy: null, claimExpiresAt: null, progress: null });
    },
    claim: async (types, claimant, ttlMs) => {
      const found = [...jobs.values()].find(
        (job) =>
          types.includes(job.type) && !isOver(job) && (job.state === "queued" || (job.claimExpiresAt ?? 0) <= nowMs()),
      );
      if (found === undefined) return undefined;
      const claimed: Job = {
        ...found,
        state: "in_progress",
        claimedBy: claimant,
        claimExpiresAt: nowMs() + ttlMs,
      };
      jobs.set(found.id, claimed);
      return claimed;
    },
    renew: async (id, claimant, ttlMs, progress) => keep(id, claimant, { claimExpiresAt: nowMs() + ttlMs }, progress),
    finish: async (id, claimant, state, progress) =>
      keep(id, claimant, { state, claimedBy: null, claimExpiresAt: null }, progress),
    get: async (id) => jobs.get(id),
    pending: async () => {
      const counts = new Map<string, number>();
      for (const job of jobs.values()) if (!isOver(job)) counts.set(job.type, (counts.get(job.type) ?? 0) + 1);
      return counts;
    },
    remove: async (id) => void jobs.delete(id),
  };
}
