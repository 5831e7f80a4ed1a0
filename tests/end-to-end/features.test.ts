/** Routes behind the engine's switches, switched on: what they answer over several nodes, beside one node. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startPair, type Pair } from "../support/clients-pair.ts";
import { nodeRequest, realEnginePath, type NodeAnswer } from "../support/nodes.ts";

const TIMEOUT_MS = 60_000;

describe.skipIf(realEnginePath() === null)("features that are on", () => {
  let pair: Pair;
  const features = { metrics: true, getTaskDocumentsRoute: true, renderRoute: true, chatCompletions: true };
  beforeAll(async () => {
    pair = await startPair(3, 2);
    const switched = await pair.both((side) => nodeRequest(side, "PATCH", "/experimental-features", features));
    expect(switched.miroir.body).toEqual(switched.single.body);
    await pair.load("POST", "/indexes", { uid: "films", primaryKey: "id" });
    const documents = Array.from({ length: 30 }, (_unused, id) => ({ id, title: `Film ${id}`, year: 1990 + id }));
    await pair.load("POST", "/indexes/films/documents", documents);
  }, TIMEOUT_MS);
  afterAll(() => pair.stop());

  const same = async (method: string, path: string, body?: unknown): Promise<NodeAnswer> => {
    const { single, miroir } = await pair.both((side) => nodeRequest(side, method, path, body));
    expect([method, path, miroir.status, miroir.body]).toEqual([method, path, single.status, single.body]);
    return miroir;
  };

  test("chat workspaces are made, shown, changed and removed as on a node, and stand on every node", async () => {
    await same("GET", "/chats");
    await same("GET", "/chats/lounge");
    await same("GET", "/chats/lounge/settings");
    await same("PATCH", "/chats/lounge/settings", {
      source: "openAi",
      apiKey: "sk-0123456789012345",
      prompts: { system: "Be brief" },
    });
    await same("PATCH", "/chats/lounge/settings", { baseUrl: "http://127.0.0.1:1/", prompts: null });
    await same("PATCH", "/chats/lounge/settings", { source: "nonsense" });
    await same("PATCH", "/chats/lounge/settings", { source: "azureOpenAi", baseUrl: null });
    await same("PATCH", "/chats/a%20b/settings", {});
    await same("PATCH", "/chats/second/settings", {});
    for (const node of pair.miroir.nodes) {
      expect((await nodeRequest(node, "GET", "/chats")).body).toMatchObject({ total: 3 });
    }
    await same("GET", "/chats?limit=1&offset=1");
    await same("GET", "/chats?limit=x");
    await same("GET", "/chats?page=1");
    await same("GET", "/chats/lounge");
    await same("GET", "/chats/a%20b");
    await same("DELETE", "/chats/lounge/settings");
    await same("GET", "/chats/lounge/settings");
    await same("DELETE", "/chats/lounge");
    await same("DELETE", "/chats/lounge");
    await same("DELETE", "/chats/second");
    await same("DELETE", "/chats/second/settings");
    await same("GET", "/chats");
  });

  test("templates are rendered with the document that a single node would have, and show nothing hidden", async () => {
    const inline = (text: string) => ({ kind: "inlineDocumentTemplate", inline: text });
    const document = (id: unknown) => ({ kind: "indexDocument", indexUid: "films", id });
    const every = "{% for field in fields %}{{ field.name }}: {{ field.value }}\n{% endfor %}";
    const standard =
      "{% for field in fields %}{% if field.is_searchable and field.value != nil %}{{ field.name }}: {{ field.value }}\n{% endif %}{% endfor %}";
    for (let id = 0; id < 30; id += 7) {
      await same("POST", "/render-template", {
        template: inline("{{ doc.title }} of {{doc.year}}"),
        input: document(`${id}`),
      });
    }
    await same("POST", "/render-template", { template: inline(every), input: document("3") });
    await same("POST", "/render-template", { template: inline(standard), input: document("3") });
    await same("POST", "/render-template", {
      template: inline("{{ doc.a }}"),
      input: { kind: "inlineDocument", inline: { a: 5 } },
    });
    await same("POST", "/render-template", { template: inline("{{ doc.title }}") });
    await same("POST", "/render-template", { template: inline("{{ doc.title "), input: document("3") });
    await same("POST", "/render-template", { template: inline("{{ doc.none }}"), input: document("3") });
    await same("POST", "/render-template", { template: inline("x"), input: document("999") });
    await same("POST", "/render-template", { template: inline("x"), input: document(3) });
    await same("POST", "/render-template", {
      template: inline("x"),
      input: { kind: "indexDocument", indexUid: "none", id: "1" },
    });
    await same("POST", "/render-template", {
      template: inline("x"),
      input: { kind: "indexDocument", indexUid: "films" },
    });
    await same("POST", "/render-template", {
      template: { kind: "documentTemplate", indexUid: "films", embedder: "e" },
    });
    await same("POST", "/render-template", { template: { kind: "nonsense" } });
    await same("POST", "/render-template", {});
  });

  test("a key needs both rights and both indexes for a template", async () => {
    const body = {
      template: { kind: "inlineDocumentTemplate", inline: "x" },
      input: { kind: "indexDocument", indexUid: "films", id: "1" },
    };
    for (const [actions, indexes] of [
      [["settings.get"], ["*"]],
      [["documents.get"], ["*"]],
      [["settings.get", "documents.get"], ["other"]],
      [["settings.get", "documents.get"], ["films"]],
      [["*"], ["*"]],
    ]) {
      const { single, miroir } = await pair.both(async (side) => {
        const made = await nodeRequest(side, "POST", "/keys", { actions, indexes, expiresAt: null });
        return nodeRequest({ ...side, masterKey: made.body.key }, "POST", "/render-template", body);
      });
      expect([actions, indexes, miroir.status, miroir.body]).toEqual([actions, indexes, single.status, single.body]);
    }
  });

  test("metrics count the fleet as one node: documents once, tasks by the router's registry", async () => {
    const { single, miroir } = await pair.both((side) => nodeRequest(side, "GET", "/metrics"));
    const families = [
      "meilisearch_index_count",
      "meilisearch_index_docs_count",
      "meilisearch_nb_tasks",
      "meilisearch_is_indexing",
    ];
    const lines = (text: string): readonly string[] =>
      text
        .split("\n")
        .filter((line) => families.some((name) => line.startsWith(name) || line.includes(` ${name} `)))
        .toSorted();
    expect(lines(miroir.text)).toEqual(lines(single.text));
    expect(miroir.headers.get("content-type")).toStartWith("text/plain");
    expect(miroir.text).toContain(
      'meilisearch_http_requests_total{method="POST",path="/indexes/{index_uid}/documents",status="202"}',
    );
    expect(miroir.text).toContain("\nmiroir_node_healthy");
  });

  test("the documents of an open task are those that were sent, each once and without anything hidden", async () => {
    // A task that keeps the nodes busy, so that the next one can be looked at before it is carried out.
    const many = Array.from({ length: 20_000 }, (_unused, id) => ({
      id,
      text: `word${id} other${id % 977} third${id % 53}`,
    }));
    const sent = Array.from({ length: 40 }, (_unused, n) => ({ id: 100_000 + n, big: 12345678901234567890n }));
    const text = sent.map(({ id }) => `{"id":${id},"big":12345678901234567890,"real":1.0}`);
    const { single, miroir } = await pair.both(async (side) => {
      await nodeRequest(side, "POST", "/indexes/films/documents", many);
      const queued = await nodeRequest(side, "POST", "/indexes/films/documents", `[${text.join(",")}]`);
      return nodeRequest(side, "GET", `/tasks/${queued.body.taskUid}/documents`);
    });
    if (miroir.status === 200) {
      const lines = miroir.text.split("\n").filter((line) => line !== "");
      expect(lines.map((line) => line.replaceAll(" ", ""))).toEqual(text);
      if (single.status === 200) expect(miroir.headers.get("content-type")).toBe(single.headers.get("content-type"));
    } else expect(miroir.body.code).toBe("task_file_not_found");
    await same("GET", "/tasks/0/documents");
    await same("GET", "/tasks/9999/documents");
    await same("GET", "/tasks/abc/documents");
  });
});
