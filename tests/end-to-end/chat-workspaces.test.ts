/** Chat workspaces on nodes that were away or have lost everything: what a client sees does not depend on who answers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, realEnginePath, type TestNode } from "../support/nodes.ts";

const TIMEOUT_MS = 180_000;
const UNTIL_MS = 60_000;

describe.skipIf(realEnginePath() === null)("chat workspaces", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await startMiroir({ nodes: 3, replicationFactor: 2, config: "  broadcast: { policy: available }\n" });
    await miroir.request("PATCH", "/experimental-features", { chatCompletions: true });
    await miroir.write("POST", "/indexes/films/documents?primaryKey=id", [{ id: 1 }, { id: 2 }]);
  }, TIMEOUT_MS);
  afterAll(() => miroir.stop());

  /** The names of all workspaces and how they are set, without the key, which is masked. */
  const workspacesOf = async (node: Pick<TestNode, "url" | "masterKey">): Promise<unknown> => {
    const { body } = await nodeRequest(node, "GET", "/chats?limit=100");
    const names = ((body?.results ?? []) as readonly { uid: string }[]).map(({ uid }) => uid);
    const settings = await Promise.all(names.map((name) => nodeRequest(node, "GET", `/chats/${name}/settings`)));
    return settings.map(({ body: { apiKey: _masked, ...rest } }, place) => [names[place], rest]);
  };
  const until = async (holds: () => Promise<boolean>): Promise<boolean> => {
    const deadline = performance.now() + UNTIL_MS;
    while (performance.now() < deadline) {
      if (await holds().catch(() => false)) return true;
      await Bun.sleep(50);
    }
    return false;
  };
  const set = (name: string, body: object): Promise<boolean> =>
    until(async () => (await miroir.request("PATCH", `/chats/${name}/settings`, body)).status === 200);
  const [away, there] = [0, 1] as const;
  const isLikeTheOthers = (): Promise<boolean> =>
    until(async () => {
      const [left, right] = await Promise.all([away, there].map((place) => workspacesOf(miroir.nodes[place]!)));
      return JSON.stringify(left) === JSON.stringify(right);
    });

  test(
    "a node that was away gets those that it has missed, as they are now, and loses those that were deleted",
    async () => {
      for (const name of ["kept", "gone"])
        expect(await set(name, { source: "mistral", apiKey: "sk-012345678" })).toBe(true);
      await miroir.nodes[away]?.kill();
      expect(await set("late", { source: "openAi", prompts: { system: "Be brief" } })).toBe(true);
      expect(await set("kept", { prompts: { system: "Be long" } })).toBe(true);
      expect((await miroir.request("DELETE", "/chats/gone")).status).toBe(204);
      await miroir.nodes[away]?.restart();
      expect(await isLikeTheOthers()).toBe(true);
      expect(await workspacesOf(miroir.nodes[away]!)).toMatchObject([
        ["kept", { source: "mistral", prompts: { system: "Be long" } }],
        ["late", { source: "openAi", prompts: { system: "Be brief" } }],
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    "a node that has lost its disk gets all of them",
    async () => {
      await miroir.nodes[away]?.loseDisk();
      const seen = (): Promise<boolean> =>
        until(async () => (await miroir.output()).split('"node.became_unhealthy"').length > 2);
      expect(await seen()).toBe(true);
      await miroir.nodes[away]?.restart();
      expect(await isLikeTheOthers()).toBe(true);
      expect(await workspacesOf(miroir.nodes[away]!)).toHaveLength(2);
      expect(await workspacesOf(miroir)).toEqual(await workspacesOf(miroir.nodes[there]!));
    },
    TIMEOUT_MS,
  );
});
