/**
 * A process that inserts and updates tasks as fast as it can and says on stdout what has been promised to it; with a scope
 * as its second argument it holds that lease for an hour.
 */
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";

const path = process.argv[2] as string;
const { tasks, leases } = openSqliteStore({ path, clock: { nowMs: () => Date.now() }, emit: () => {} });
const scope = process.argv[3];
if (scope !== undefined) await leases.acquire(scope, "child", 3_600_000);

async function writeForever(writer: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const miroirId = `mtask-${process.pid}-${writer}-${n}`;
    const { uid } = await tasks.insert({
      miroirId,
      type: "documentAdditionOrUpdate",
      indexUid: `index-${writer}`,
      status: "enqueued",
      nodeTasks: [],
      details: null,
      error: null,
      canceledBy: null,
      customMetadata: null,
      flow: null,
      dispatched: false,
      enqueuedAt: n,
      startedAt: null,
      finishedAt: null,
    });
    process.stdout.write(`inserted ${uid} ${miroirId}\n`);
    await tasks.update(uid, { status: "succeeded", finishedAt: n });
    process.stdout.write(`ended ${uid}\n`);
    // The newest task is deleted now and then, so that a uid could be given out twice if it were counted from the rows.
    if (n % 5 === 4) {
      await tasks.deleteEnded([uid]);
      process.stdout.write(`deleted ${uid}\n`);
    }
  }
}

await Promise.all([0, 1, 2, 3].map(writeForever));
