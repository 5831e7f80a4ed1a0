/** What tests of documents that expire look at. */
import type { TestMiroir } from "./miroir.ts";
import { nodeRequest, type TestNode } from "./nodes.ts";

export type Fields = Readonly<Record<string, unknown>>;

export async function until(miroir: TestMiroir, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new TypeError(`it did not come to that: ${what}\n${await miroir.told()}`);
    await Bun.sleep(50);
  }
}

/** As one node has them. */
export async function storedOn(node: TestNode, uid: string): Promise<readonly Fields[]> {
  return (await nodeRequest(node, "GET", `/indexes/${uid}/documents?limit=1000`)).body.results;
}

export async function idsOnNodes(miroir: TestMiroir, uid: string): Promise<readonly number[]> {
  const all = await Promise.all(miroir.nodes.map((node) => storedOn(node, uid)));
  return all.flat().map(({ id }) => id as number);
}

export async function shownIds(miroir: TestMiroir, uid: string): Promise<readonly number[]> {
  const { body } = await miroir.request("GET", `/indexes/${uid}/documents?limit=1000`);
  // Before its first task has been carried out there is no index.
  return ((body.results ?? []) as readonly Fields[]).map(({ id }) => id as number).toSorted((a, b) => a - b);
}

export async function untilGone(miroir: TestMiroir, uid: string, ids: readonly number[]): Promise<void> {
  await until(miroir, `${ids.join()} are gone from all nodes`, async () => {
    const left = new Set(await idsOnNodes(miroir, uid));
    return !ids.some((id) => left.has(id));
  });
}
