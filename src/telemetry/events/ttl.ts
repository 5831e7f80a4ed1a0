/** What becomes of expired documents. */
import { defineEvent } from "../event.ts";

export const sweepFinished = defineEvent<{
  readonly indexUid: string;
  readonly documents: number;
  readonly seconds: number;
}>({
  name: "ttl.sweep_finished",
  level: "debug",
  message: "The expired documents of an index have been deleted.",
  measure: (metrics, { indexUid: index, documents, seconds }) => {
    metrics.count("ttl_documents_expired_total", { index }, documents);
    metrics.observe("ttl_sweep_duration_seconds", seconds, { index });
  },
});

export const sweepFailed = defineEvent<{ readonly indexUid: string; readonly reason: string }>({
  name: "ttl.sweep_failed",
  level: "warn",
  message: "The expired documents of an index could not be deleted; the next sweep tries again.",
  measure: (metrics, { indexUid: index }) => metrics.count("ttl_sweep_failures_total", { index }),
});

export const expiredCounted = defineEvent<{ readonly indexUid: string; readonly pending: number }>({
  name: "ttl.expired_counted",
  level: null,
  message: "The expired documents of an index have been counted.",
  measure: (metrics, { indexUid: index, pending }) => metrics.set("ttl_pending_estimate", pending, { index }),
});

export const sweepPolicyChanged = defineEvent<{
  readonly indexUid: string;
  readonly intervalS?: number;
  readonly documentsMax?: number;
}>({
  name: "ttl.policy_changed",
  level: "info",
  message: "How the expired documents of an index are swept was changed; what is not named is as configured.",
});

export const expirySettingsMissing = defineEvent<{ readonly indexUid: string }>({
  name: "ttl.settings_missing",
  level: "info",
  message:
    "The nodes cannot be asked yet which documents of an index have expired; they are given the settings for it.",
});
