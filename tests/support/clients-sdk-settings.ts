/** The client's methods about settings: all of them at once and every one on its own. */
import type { EnqueuedTaskPromise, Index } from "meilisearch";
import { ended, inTurn, type SdkStep } from "./clients-sdk-step.ts";

/** The middle of the method names and a value that is not the default. */
const SETTINGS: readonly (readonly [name: string, value: unknown])[] = [
  ["Pagination", { maxTotalHits: 77 }],
  ["Synonyms", { boat: ["ship", "vessel"], ship: ["boat"] }],
  ["StopWords", ["the", "of", "a", "of"]],
  ["RankingRules", ["words", "sort", "typo", "year:desc", "exactness"]],
  ["DistinctAttribute", "series"],
  ["FilterableAttributes", ["genre", { attributePatterns: ["y*"], features: { facetSearch: false } }]],
  ["SortableAttributes", ["year", "title", "year"]],
  ["SearchableAttributes", ["title", "genre"]],
  ["DisplayedAttributes", ["title", "id"]],
  ["TypoTolerance", { enabled: true, minWordSizeForTypos: { oneTypo: 3 }, disableOnWords: ["miroir"] }],
  ["Faceting", { maxValuesPerFacet: 12, sortFacetValuesBy: { genre: "count" } }],
  ["SeparatorTokens", ["&sep", "|"]],
  ["NonSeparatorTokens", ["@", "#"]],
  ["Dictionary", ["J. R. R.", "J. K."]],
  ["ProximityPrecision", "byAttribute"],
  ["Embedders", { mine: { source: "userProvided", dimensions: 4 } }],
  ["SearchCutoffMs", 900],
  ["LocalizedAttributes", [{ attributePatterns: ["*_fr"], locales: ["fra"] }]],
  ["FacetSearch", false],
  ["PrefixSearch", "disabled"],
];

type Method = (value?: unknown) => EnqueuedTaskPromise;

function method(index: Index, name: string): Method {
  const found = (index as unknown as Record<string, Method | undefined>)[name];
  if (found === undefined) throw new TypeError(`the client has no method ${name}`);
  return (value) => found.call(index, value);
}

function oneSetting([name, value]: (typeof SETTINGS)[number]): SdkStep {
  return [
    `the setting ${name}: read, change, read, reset, read`,
    ({ client }) => {
      const index = client.index("adjusted");
      return inTurn(
        () => method(index, `get${name}`)(),
        () => ended(method(index, `update${name}`)(value)),
        () => method(index, `get${name}`)(),
        () => index.getSettings(),
        () => ended(method(index, `reset${name}`)()),
        () => method(index, `get${name}`)(),
      );
    },
  ];
}

export const settingSteps: readonly SdkStep[] = [
  ["an index to adjust", ({ client }) => ended(client.createIndex("adjusted", { primaryKey: "id" }))],
  ["the defaults", ({ client }) => client.index("adjusted").getSettings()],
  ...SETTINGS.map(oneSetting),
  [
    "several at once and back",
    ({ client }) =>
      inTurn(
        () =>
          ended(
            client.index("adjusted").updateSettings({
              stopWords: ["b", "a"],
              sortableAttributes: ["year"],
              typoTolerance: { disableOnNumbers: true },
              faceting: { maxValuesPerFacet: 3 },
            }),
          ),
        () => client.index("adjusted").getSettings(),
        () => ended(client.index("adjusted").resetSettings()),
        () => client.index("adjusted").getSettings(),
      ),
  ],
  ["a wrong setting", ({ client }) => client.index("adjusted").updateRankingRules(["nonsense"])],
  ["a setting of no index", ({ client }) => client.index("nowhere").getSettings()],
  ["foreign keys, switched off", ({ client }) => client.index("adjusted").getForeignKeys()],
  [
    "foreign keys, changed and reset while they are off",
    async ({ client }) => [
      await client
        .index("adjusted")
        .updateForeignKeys([{ foreignIndexUid: "authors", fieldName: "author" }])
        .catch(String),
      await client.index("adjusted").resetForeignKeys().catch(String),
    ],
  ],
  ["chat, switched on", ({ client }) => client.updateExperimentalFeatures({ chatCompletions: true })],
  [
    "chat: read, change, read",
    ({ client }) =>
      inTurn(
        () => client.index("adjusted").getChat(),
        () => ended(client.index("adjusted").updateChat({ description: "Books about the sea" })),
        () => client.index("adjusted").getChat(),
      ),
  ],
  ["switched off again", ({ client }) => client.updateExperimentalFeatures({ chatCompletions: false })],
  ["which features there are", ({ client }) => client.getExperimentalFeatures()],
];
