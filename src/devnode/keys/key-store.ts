/** API keys: four are made at first start, the text of each follows from the master key and its uid. */
import { createHmac } from "node:crypto";

import { NodeError } from "../node-error.ts";
import { timestamp } from "../tasks/task.ts";

export interface ApiKey {
  readonly name: string | null;
  readonly description: string | null;
  readonly uid: string;
  readonly actions: readonly string[];
  readonly indexes: readonly string[];
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export class KeyStore {
  keys: readonly ApiKey[] = [];
  readonly masterKey: string | null;
  private readonly changed: () => void;

  constructor(masterKey: string | null, changed: () => void) {
    this.masterKey = masterKey;
    this.changed = changed;
  }

  createDefaults(): void {
    const make = (name: string, description: string, actions: readonly string[]): ApiKey => {
      const now = timestamp();
      return {
        name,
        description,
        uid: crypto.randomUUID(),
        actions,
        indexes: ["*"],
        expiresAt: null,
        createdAt: now,
        updatedAt: now,
      };
    };
    this.keys = [
      make("Default Chat API Key", "Use it to chat and search from the frontend", ["chatCompletions", "search"]),
      make(
        "Default Read-Only Admin API Key",
        "Use it to read information across the whole database. Caution! Do not expose this key on a public frontend",
        ["*.get", "keys.get"],
      ),
      make(
        "Default Admin API Key",
        "Use it for anything that is not a search operation. Caution! Do not expose it on a public frontend",
        ["*"],
      ),
      make("Default Search API Key", "Use it to search from the frontend", ["search"]),
    ];
    this.changed();
  }

  /** The text clients send: it depends on nothing but the master key and the uid. */
  textOf(uid: string): string {
    return createHmac("sha256", this.masterKey ?? "")
      .update(uid)
      .digest("hex");
  }

  view(key: ApiKey): Record<string, unknown> {
    const { name, description, uid, actions, indexes, expiresAt, createdAt, updatedAt } = key;
    return { name, description, key: this.textOf(uid), uid, actions, indexes, expiresAt, createdAt, updatedAt };
  }

  find(uidOrText: string): ApiKey | undefined {
    return this.keys.find(({ uid }) => uid === uidOrText || this.textOf(uid) === uidOrText);
  }

  existing(uidOrText: string): ApiKey {
    const key = this.find(uidOrText);
    if (key === undefined) throw new NodeError("api_key_not_found", `API key \`${uidOrText}\` not found.`);
    return key;
  }

  add(key: ApiKey): void {
    if (this.keys.some(({ uid }) => uid === key.uid)) {
      throw new NodeError(
        "api_key_already_exists",
        `\`uid\` field value \`${key.uid}\` is already an existing API key.`,
      );
    }
    this.keys = [...this.keys, key];
    this.changed();
  }

  replace(key: ApiKey): void {
    this.keys = this.keys.map((known) => (known.uid === key.uid ? key : known));
    this.changed();
  }

  remove(uid: string): void {
    this.keys = this.keys.filter((known) => known.uid !== uid);
    this.changed();
  }
}

/** True when one of the key's actions allows the wanted one. */
export function allowsAction(actions: readonly string[], wanted: string): boolean {
  const [group = ""] = wanted.split(".");
  return actions.some((action) => {
    if (action === "*" || action === wanted || action === `${group}.*`) return true;
    if (action !== "*.get" || wanted === "keys.get") return false;
    return wanted.endsWith(".get") || OTHER_READING_ACTIONS.includes(wanted);
  });
}

const OTHER_READING_ACTIONS = ["search", "version", "fields.post"];

/** True for what no index limits: a key for some indexes only is not allowed it. */
export function isGlobalAction(action: string): boolean {
  return /^(?:version$|keys|experimental|webhooks)/.test(action);
}

/** True when one of the patterns covers the index: a name, or a beginning followed by a star. */
export function coversIndex(patterns: readonly string[], uid: string): boolean {
  return patterns.some((pattern) => pattern === uid || (pattern.endsWith("*") && uid.startsWith(pattern.slice(0, -1))));
}

export function isExpired(key: ApiKey): boolean {
  return key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now();
}
