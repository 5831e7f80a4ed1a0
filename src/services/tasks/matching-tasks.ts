/** All tasks that a search matches, page by page, as far as the credential may see them. */
import type { Task } from "../../core/tasks/task.ts";
import type { TaskFilter, TaskPage, TaskStore } from "../../store/task-store.ts";
import {
  isVisible,
  ONE_INDEX,
  resolveSearch,
  type NameLookup,
  type TaskSearch,
  type Visibility,
} from "./task-query.ts";

export interface Matching {
  /** Narrowed to what anybody who names indexes may see. */
  readonly filter: TaskFilter;
  readonly visibility: Visibility;
}

export async function matchingOf(store: NameLookup, search: TaskSearch, visibility: Visibility): Promise<Matching> {
  const filter = await resolveSearch(store, search);
  if (search.indexUids === undefined) return { filter, visibility };
  const types = [...ONE_INDEX].filter((type) => filter.types?.includes(type) ?? true);
  return { filter: { ...filter, types }, visibility };
}

export async function* matchingTasks(
  store: Pick<TaskStore, "list">,
  { filter, visibility }: Matching,
): AsyncGenerator<readonly Task[]> {
  let from: number | null = 0;
  while (from !== null) {
    const page: TaskPage = await store.list(filter, { limit: PAGE_SIZE, from, reverse: true });
    yield page.tasks.filter((task) => isVisible(task, {}, visibility));
    from = page.next;
  }
}

/** How many there are; the store alone knows unless the credential sees only some indexes. */
export async function countMatching(store: Pick<TaskStore, "list">, matching: Matching): Promise<number> {
  if (!matching.visibility.restricted) return (await store.list(matching.filter, { limit: 0 })).total;
  let count = 0;
  for await (const page of matchingTasks(store, matching)) count += page.length;
  return count;
}

const PAGE_SIZE = 1_000;
