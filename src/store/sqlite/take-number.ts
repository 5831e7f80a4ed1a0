/** The next number of a counter: strictly increasing, never given out twice, also after a crash or a deletion. */
import type { Database } from "bun:sqlite";
import { assert } from "../../core/assert.ts";

export function takeNumber(database: Database, counter: "task_uid" | "hint_seq" | "job_seq"): number {
  const row = database
    .query<{ taken: number }, [string]>(
      "UPDATE counters SET next = next + 1 WHERE name = ? RETURNING next - 1 AS taken",
    )
    .get(counter);
  assert(row !== null, `the counter ${counter} was made by the first migration`);
  return row.taken;
}
