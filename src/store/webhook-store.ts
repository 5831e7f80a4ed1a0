/**
 * Webhooks, and which tasks each of them still has to be told of. A task is noted for every webhook there is in the same
 * step in which it ends in the store, so that no crash falls between the two.
 */
import type { Webhook } from "../core/webhooks/webhook.ts";

export interface WebhookStore {
  /** Sorted by uuid. */
  all(): Promise<readonly Webhook[]>;
  /** False, and nothing has changed, when there are `most` already. */
  add(webhook: Webhook, most: number): Promise<boolean>;
  /** False when there is none of that uuid any more. */
  replace(webhook: Webhook): Promise<boolean>;
  /** With what it had not been told yet. False when there was none. */
  remove(uuid: string): Promise<boolean>;
  /** uids of the tasks it still has to be told of, in the order in which they ended. */
  pending(uuid: string, limit: number): Promise<readonly number[]>;
  /** It has been told of these, or never will be. */
  settle(uuid: string, taskUids: readonly number[]): Promise<void>;
  /** Forgets all but the newest `most` of what is pending and says how many that were. */
  keepNewest(uuid: string, most: number): Promise<number>;
}
