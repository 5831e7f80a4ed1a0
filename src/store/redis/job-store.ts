/** `JobStore` in Redis: a hash per job, and `jobs:_queued` with all that have not ended in the order of their arrival, `jobs:_counts` by type. */
import type { Job, JobState, JobStore } from "../job-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import claimText from "./scripts/claim-job.lua" with { type: "text" };
import enqueueText from "./scripts/enqueue-job.lua" with { type: "text" };
import keepText from "./scripts/keep-job.lua" with { type: "text" };
import removeText from "./scripts/remove-job.lua" with { type: "text" };
import { fieldsOf } from "./task-hash.ts";

const enqueueScript = script(enqueueText);
const claimScript = script(claimText);
const keepScript = script(keepText);
const removeScript = script(removeText);

export function redisJobStore(redis: RedisConnection): JobStore {
  const keep = async (
    id: string,
    claimant: string,
    ttlMs: number,
    state: string,
    progress: Job["progress"] | undefined,
  ): Promise<boolean> => {
    const told = progress === undefined ? [0, ""] : [1, JSON.stringify(progress)];
    return (await runScript(redis, keepScript, id, claimant, ttlMs, state, ...told)) === 1;
  };
  return {
    enqueue: async ({ id, type, params }) => {
      await runScript(redis, enqueueScript, id, type, JSON.stringify(params));
    },
    claim: async (types, claimant, ttlMs) => {
      const [id, ...fields] = await runScript<readonly string[]>(redis, claimScript, claimant, ttlMs, ...types);
      return id === undefined ? undefined : toJob(id, fields);
    },
    renew: (id, claimant, ttlMs, progress) => keep(id, claimant, ttlMs, "", progress),
    finish: (id, claimant, state, progress) => keep(id, claimant, 0, state, progress),
    get: async (id) => toJob(id, await redis.command("HGETALL", `miroir:jobs:${id}`)),
    pending: async () => {
      const counts = Object.entries(fieldsOf(await redis.command("HGETALL", "miroir:jobs:_counts")));
      return new Map(counts.map(([type, count]) => [type, Number(count)]));
    },
    remove: async (id) => void (await runScript(redis, removeScript, id)),
  };
}

function toJob(id: string, answer: unknown): Job | undefined {
  const fields = fieldsOf(answer);
  if (fields["type"] === undefined) return undefined;
  const expires = fields["claim_expires_at"];
  return {
    id,
    type: fields["type"],
    params: JSON.parse(fields["params"] ?? "{}") as Job["params"],
    state: fields["state"] as JobState,
    claimedBy: fields["claimed_by"] ?? null,
    claimExpiresAt: expires === undefined ? null : Number(expires),
    progress: fields["progress"] === undefined ? null : (JSON.parse(fields["progress"]) as Job["progress"]),
  };
}
