/** Reading a batch and finding the shard of each document: the same work in place and in a worker. */
import { isUtf8 } from "node:buffer";
import { csvToNdjson } from "../core/documents/csv-to-ndjson.ts";
import { scanBatch, type MalformedBatch } from "../core/documents/scan-batch.ts";
import type { PlanJob, SplitPlan } from "../core/documents/split-plan.ts";
import { shardOf } from "../core/routing/shard-of.ts";

export function planSplit(job: PlanJob): SplitPlan | MalformedBatch {
  let body = job.body;
  if (job.format.kind === "csv") {
    const converted = csvToNdjson(body, job.format.delimiter);
    if (converted.kind === "malformed") return converted;
    body = converted.bytes;
  }
  const format = job.format.kind === "json" ? "json" : "ndjson";
  const scanned = scanBatch(body, { ...job, format }, isUtf8);
  if (scanned.kind === "malformed") return scanned;
  const { ids } = scanned;
  const shardOfId = new Uint16Array(ids.length);
  for (let i = 0; i < ids.length; i += 1) shardOfId[i] = shardOf(ids[i] as string, job.shards);
  return { ...scanned, kind: "planned", body, shardOfId };
}
