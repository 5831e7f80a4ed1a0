/**
 * The requests of the engine's own declarative tests that concern a single machine, in their order, with documents of
 * our own in the place of the films that those tests fetch. What they are about there, upgrades of a database, is no
 * matter of a router, so each request is asked once. Left out: `network` (several machines, which Miroir is itself),
 * the models that `hf-embed` fetches (vectors are given instead; a real embedder is in `embedding.test.ts`), and the
 * compaction of the task queue once it is switched on, after which a node has to be restarted (`declarative-refused`).
 */
import { createHmac } from "node:crypto";
import { describeScenes, type Request, type Scene, type Situation } from "../support/clients-situations.ts";

/** That of all nodes for tests; the text of a key follows from it and from the key's uid. */
const MASTER_KEY = "test-master-key-0123456789";
const KEY_UID = "9e053497-b180-4b9f-bf10-a4a6fc4ca1b2";
const KEY = createHmac("sha256", MASTER_KEY).update(KEY_UID).digest("hex");
const withKey = { authorization: `Bearer ${KEY}` };

const hero = (id: number, title: string, release_date: string): object => ({
  id,
  title,
  overview: `${title}: a boy says a magic word and is a grown hero for a while.`,
  release_date,
});

const apiKeys: readonly Situation[] = [
  [
    "a key for searching and adding",
    "ok",
    "POST",
    "/keys",
    {
      actions: ["search", "documents.add"],
      description: "Test API Key",
      expiresAt: null,
      indexes: ["shazams"],
      uid: KEY_UID,
    },
  ],
  ["the key by its text", "ok", "GET", `/keys/${KEY}`],
  ["an index", "succeeded", "POST", "/indexes", { primaryKey: "id", uid: "shazams" }],
  [
    "a document by the key",
    "succeeded",
    "POST",
    "/indexes/shazams/documents",
    hero(287_947, "Shazam", "2019-03-23"),
    withKey,
  ],
  ["a search by the key", "some", "GET", "/indexes/shazams/search?q=shazam", undefined, withKey],
  ["health", "ok", "GET", "/health"],
  ["no deletion by the key", "invalid_api_key", "DELETE", "/indexes/shazams/documents/287947", undefined, withKey],
  [
    "another document by the key",
    "succeeded",
    "POST",
    "/indexes/shazams/documents",
    hero(287_948, "Shazam 2", "2032-03-23"),
    withKey,
  ],
  ["a search for the beginning of a word", "some", "GET", "/indexes/shazams/search?q=shaza", undefined, withKey],
  ["tasks of the index", "some", "GET", "/tasks?indexUids=shazams"],
  ["no tasks by the key", "invalid_api_key", "GET", "/tasks", undefined, withKey],
];

const GENRES = ["Documentary", "Crime", "Family", "Animation", "Comedy"] as const;
const ABOUT = [
  "bitcoin",
  "a super hero",
  "the police",
  "a hero who is super",
  "witches and bitching",
  "silver",
] as const;

/** Two hundred films, some of them about what the requests look for. */
const films = Array.from({ length: 200 }, (_unused, id) => ({
  id,
  title: `${id % 9 === 0 ? "Bitcoin" : id % 7 === 0 ? "Super Hero" : "Film"} number ${id}`,
  overview: `A story about ${ABOUT[(id * 5) % ABOUT.length]}, told in ${1 + (id % 4)} parts`,
  genres: [GENRES[id % GENRES.length], ...(id % 3 === 0 ? [GENRES[(id + 2) % GENRES.length]] : [])],
  poster: `https://example.com/${id}.jpg`,
  release_date: 84_758_400 + id * 86_400,
}));

const filmSettings = {
  filterableAttributes: ["genres", "release_date"],
  searchableAttributes: ["title", "overview", "genres"],
  sortableAttributes: ["release_date"],
  synonyms: { chaussure: ["sport shoes"] },
  typoTolerance: { disableOnAttributes: ["genres"] },
};

const filled = (uid: string, documents: readonly object[], settings: object): readonly Request[] => [
  ["PATCH", `/indexes/${uid}/settings`, settings],
  ["POST", `/indexes/${uid}/documents`, documents],
];

const movies: readonly Situation[] = [
  ["a word", "some", "GET", "/indexes/movies/search?q=bitcoin"],
  ["all settings", "ok", "GET", "/indexes/movies/settings"],
  ["statistics", "ok", "GET", "/indexes/movies/stats"],
  ["upgrades of the database", "none", "GET", "/tasks?types=upgradeDatabase"],
];

const pin = (selector: object): object => ({ selector, action: { type: "pin", position: 0 } });
const chosen = pin({ indexUid: "movies", id: "152" });

const rules: readonly Situation[] = [
  ["rules switched on", "ok", "PATCH", "/experimental-features", { dynamicSearchRules: true }],
  [
    "a rule in the form of earlier versions",
    "invalid_dynamic_search_rule_conditions",
    "PATCH",
    "/dynamic-search-rules/existing-rule-to-migrate",
    { conditions: [{ scope: "query", contains: "super hero" }], actions: [chosen] },
  ],
  [
    "the rule as it is after its migration",
    "succeeded",
    "PATCH",
    "/dynamic-search-rules/existing-rule-to-migrate",
    { conditions: { query: { words: "super hero" } }, actions: [chosen] },
  ],
  [
    "a rule that nothing can meet",
    "bad_request",
    "PATCH",
    "/dynamic-search-rules/impossible-rule-skips-migration",
    { conditions: { query: { isEmpty: true, words: "x" } }, actions: [chosen] },
  ],
  [
    "a rule for a time that is over",
    "succeeded",
    "PATCH",
    "/dynamic-search-rules/impossible-rule-skips-migration-2",
    { conditions: { time: { start: "2020-07-01T09:50:12Z", end: "2020-07-03T09:50:12Z" } }, actions: [chosen] },
  ],
  [
    "a rule whose action chooses no document",
    "invalid_dynamic_search_rule_actions",
    "PATCH",
    "/dynamic-search-rules/skips-action-without-selector-id",
    {
      conditions: { time: { start: "2023-01-01T09:50:12Z", end: "2032-12-31T09:50:12Z" } },
      actions: [pin({ indexUid: "movies" })],
    },
  ],
  ["the words of the rule in its order", "some", "GET", "/indexes/movies/search?q=super%20hero&limit=3"],
  ["the words of the rule in another order", "some", "GET", "/indexes/movies/search?q=hero%20super&limit=3"],
  ["all rules", "some", "POST", "/dynamic-search-rules", {}],
  ["the tasks of rules", "some", "GET", "/tasks?types=dsrUpdate"],
  ["no rules any more", "succeeded", "DELETE", "/dynamic-search-rules"],
  ["rules switched off", "ok", "PATCH", "/experimental-features", { dynamicSearchRules: false }],
];

const police = {
  q: "Police",
  vector: [0.3, 0.7, 0.2],
  hybrid: { embedder: "default", semanticRatio: 1 },
  attributesToRetrieve: ["id"],
  limit: 5,
  showRankingScore: true,
};

const embedded = films.slice(0, 100).map((film, at) => ({
  ...film,
  _vectors: { default: [Math.sin(at), Math.cos(at * 1.3), (at % 11) / 11] },
}));

const embeddings: readonly Situation[] = [
  ["a search by meaning", "some", "POST", "/indexes/meanings/search", police],
  ["the settings of embedders", "ok", "GET", "/indexes/meanings/settings/embedders"],
  ["the tasks of the index", "some", "GET", "/tasks?indexUids=meanings"],
];

const SCENES: Readonly<Record<string, Scene>> = {
  "api-keys": { situations: apiKeys },
  movies: { load: filled("movies", films, filmSettings), situations: movies },
  dsr: { situations: rules, engineOnly: "development nodes have no rules" },
  "hf-embed": {
    load: filled("meanings", embedded, {
      ...filmSettings,
      searchCutoffMs: 200_000,
      embedders: { default: { source: "userProvided", dimensions: 3, distribution: { mean: 0.5, sigma: 0.4 } } },
    }),
    situations: embeddings,
  },
  task_queue_compaction: {
    situations: [
      ["a document", "succeeded", "POST", "/indexes/foobar/documents", { id: 123, foo: "bar" }],
      ["compaction while it is off", "feature_not_enabled", "POST", "/tasks/compact"],
      ["another document", "succeeded", "POST", "/indexes/foobar/documents", { id: 456, foo: "baz" }],
    ],
  },
};

describeScenes("the engine's declarative tests", SCENES);
