/**
 * One thing a program does with the JavaScript client. Its result, or the error it throws, has to be the same from a
 * single node and from Miroir; a step that is `refused` is one this version answers with `miroir_not_supported`.
 */
import type { EnqueuedTaskPromise, Meilisearch } from "meilisearch";

export interface SdkWorld {
  readonly client: Meilisearch;
  readonly url: string;
  readonly masterKey: string;
  /** What an earlier step leaves for a later one of the same server. */
  readonly kept: Map<string, string>;
}

export type SdkStep = readonly [says: string, run: (world: SdkWorld) => Promise<unknown>, refused?: "refused"];

/** What the server said at once and what became of it. */
export async function ended(promise: EnqueuedTaskPromise): Promise<unknown> {
  const task = await promise.waitTask();
  return { accepted: await promise, task };
}

/** The values of several requests in the order they are written. */
export async function inTurn(...requests: readonly (() => Promise<unknown>)[]): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  for (const request of requests) values.push(await request());
  return values;
}

export interface Book {
  readonly id: number;
  readonly title: string;
  readonly genre: string;
  readonly year: number;
  readonly tags: readonly string[];
}

const GENRES = ["Essay", "Novel", "Poetry", "Travel"] as const;
const SUBJECTS = ["harbours", "mountains", "gardens", "railways", "lighthouses"] as const;

/** Books whose fields repeat with different periods, so that every filter has some of them and no order is trivial. */
export function books(count: number, from = 0): Book[] {
  return Array.from({ length: count }, (_unused, position) => {
    const id = from + position;
    const subject = SUBJECTS[id % SUBJECTS.length] ?? "";
    return {
      id,
      title: `Volume ${id} on ${subject}`,
      genre: GENRES[(id * 7) % GENRES.length] ?? "",
      year: 1900 + ((id * 37) % 120),
      tags: [subject, id % 2 === 0 ? "even" : "odd"],
    };
  });
}
