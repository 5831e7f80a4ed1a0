/** A process that acquires leases on a Redis server as it is told: one order per line in, one answer per line out. */
import { createInterface } from "node:readline";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import type { Lease } from "../../../src/store/lease-store.ts";

const [url = "", run = ""] = process.argv.slice(2);
const store = await openRedisStore({ url, run, emit: () => {} });
const held = new Map<string, Lease>();

async function obey(line: string): Promise<string> {
  const [order, scope = "", number = "0"] = line.split(" ");
  if (order === "acquire") {
    const lease = await store.leases.acquire(scope, run, Number(number));
    if (lease !== undefined) held.set(scope, lease);
    return lease === undefined ? "none" : `lease ${lease.number}`;
  }
  const lease = held.get(scope);
  if (order === "prune") {
    return store.tasks.prune(Number(number), 1_000, lease).then(
      (pruned) => `pruned ${pruned}`,
      (error: unknown) => `refused ${(error as { code?: string }).code}`,
    );
  }
  if (order === "renew" && lease !== undefined) return `renewed ${await store.leases.renew(lease, Number(number))}`;
  return "what?";
}

process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${await obey(line)}\n`);
