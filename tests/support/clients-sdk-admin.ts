/** The client's methods about keys, features, and everything a fleet does not do as a single node does. */
import { ended, inTurn, type SdkStep } from "./clients-sdk-step.ts";

const UID = "11111111-2222-4333-8444-555555555555";
const WEBHOOK = "22222222-3333-4444-8555-666666666666";

const keySteps: readonly SdkStep[] = [
  ["how many keys there are at first", async ({ client }) => (await client.getKeys()).total],
  [
    "a key with a name and a use",
    async ({ client, kept }) => {
      const key = await client.createKey({
        uid: UID,
        name: "Reader",
        description: "Reads and searches",
        actions: ["documents.get", "search"],
        indexes: ["library", "sh*"],
        expiresAt: new Date("2099-12-31T23:59:59Z"),
      });
      kept.set("key", key.key);
      return key;
    },
  ],
  [
    "the same once more",
    ({ client }) => client.createKey({ uid: UID, actions: ["search"], indexes: ["*"], expiresAt: null }),
  ],
  [
    "a key for nothing the engine knows",
    ({ client }) => client.createKey({ actions: ["fly"], indexes: ["*"], expiresAt: null }),
  ],
  [
    "find it by uid and by its text",
    ({ client, kept }) =>
      inTurn(
        () => client.getKey(UID),
        () => client.getKey(kept.get("key") ?? ""),
      ),
  ],
  ["the newest key", ({ client }) => client.getKeys({ limit: 1 })],
  [
    "give it another name",
    ({ client }) => client.updateKey(UID, { name: "Guest", description: null as unknown as string }),
  ],
  ["a key there never was", ({ client }) => client.getKey("33333333-2222-4333-8444-555555555555")],
  [
    "delete it",
    ({ client }) =>
      inTurn(
        () => client.deleteKey(UID),
        () => client.getKey(UID).catch((error: unknown) => error),
      ),
  ],
];

const featureSteps: readonly SdkStep[] = [
  ["the features", ({ client }) => client.getExperimentalFeatures()],
  ["switch one on", ({ client }) => client.updateExperimentalFeatures({ containsFilter: true })],
  ["a feature there never was", ({ client }) => client.updateExperimentalFeatures({ flying: true } as object)],
  ["switch it off", ({ client }) => client.updateExperimentalFeatures({ containsFilter: false })],
];

const RULE = { actions: [{ selector: { id: "1" }, action: { type: "pin" as const, position: 0 } }] };

const webhookSteps: readonly SdkStep[] = [
  ["webhooks", ({ client }) => client.getWebhooks()],
  ["a webhook there never was", ({ client }) => client.getWebhook(WEBHOOK)],
  [
    "a new webhook",
    async ({ client, kept }) => {
      const { uuid, ...webhook } = await client.createWebhook({ url: "http://127.0.0.1:1/" });
      kept.set("webhook", uuid);
      return webhook;
    },
  ],
  [
    "another address for it, and back to none",
    async ({ client, kept }) => {
      const uuid = kept.get("webhook") ?? "";
      const { uuid: same, ...changed } = await client.updateWebhook(uuid, { url: "http://127.0.0.1:2/" });
      await client.deleteWebhook(uuid);
      return [same === uuid, changed, await client.getWebhooks()];
    },
  ],
  ["no webhook", ({ client }) => client.deleteWebhook(WEBHOOK)],
];

/** What the engine has behind switches, while they are off. */
const switchedOffSteps: readonly SdkStep[] = [
  ["search rules", ({ client }) => client.getDynamicSearchRules({})],
  ["a search rule", ({ client }) => client.getDynamicSearchRule("first")],
  ["another search rule", ({ client }) => ended(client.updateDynamicSearchRule("first", RULE))],
  ["one search rule less", ({ client }) => ended(client.deleteDynamicSearchRule("first"))],
  ["no search rule", ({ client }) => ended(client.deleteAllDynamicSearchRules())],
  ["chats", ({ client }) => client.getChatWorkspaces()],
  ["a chat", ({ client }) => client.getChatWorkspace("lounge")],
  ["one chat less", ({ client }) => client.deleteChatWorkspace("lounge")],
  ["the settings of a chat", ({ client }) => client.chat("lounge").get()],
  ["other settings of a chat", ({ client }) => client.chat("lounge").update({ source: "openAi" })],
  ["no settings of a chat", ({ client }) => client.chat("lounge").reset()],
  [
    "say something",
    ({ client }) => client.chat("lounge").streamCompletion({ model: "any", messages: [], stream: true }),
  ],
  ["the network", ({ client }) => client.getNetwork()],
  ["another network", ({ client }) => client.updateNetwork({ self: "me" })],
  [
    "a first network",
    ({ client }) =>
      ended(
        client.initializeNetwork({
          self: "me",
          remotes: { me: { url: "http://127.0.0.1:1" } },
          shards: { first: { remotes: ["me"] } },
        }),
      ),
  ],
  ["one more remote", ({ client }) => ended(client.addRemote({ name: "you", remote: { url: "http://127.0.0.1:2" } }))],
  ["one remote less", ({ client }) => ended(client.removeRemote({ name: "you" }))],
  ["a shard gains a remote", ({ client }) => ended(client.addRemotesToShard("first", ["you"]))],
  ["a shard loses a remote", ({ client }) => ended(client.removeRemotesFromShard("first", ["you"]))],
  [
    "a rendered template",
    ({ client }) => client.renderTemplate({ template: { kind: "inlineDocumentTemplate", inline: "x" } } as never),
  ],
];

const refusedSteps: readonly SdkStep[] = [
  ["a dump", ({ client }) => ended(client.createDump()), "refused"],
  ["a snapshot", ({ client }) => ended(client.createSnapshot()), "refused"],
];

export const adminSteps: readonly SdkStep[] = [
  ...keySteps,
  ...featureSteps,
  ...webhookSteps,
  ...switchedOffSteps,
  ...refusedSteps,
];
