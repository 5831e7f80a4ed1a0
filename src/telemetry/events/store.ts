/** What is worth knowing about the durable state. */
import { defineEvent } from "../event.ts";

export const storeOpened = defineEvent<{ backend: string; schemaVersion: number; migrationsApplied: number }>({
  name: "store.opened",
  level: "info",
  message: "The store is open.",
});

export const storeConnected = defineEvent<object>({
  name: "store.connected",
  level: "info",
  message: "The store answers again.",
});

export const storeDisconnected = defineEvent<{ detail: string }>({
  name: "store.disconnected",
  level: "error",
  message: "The connection to the store is lost. Searches go on, writes are refused until it is back.",
});

export const storeWriteFailed = defineEvent<{ writes: number; detail: string }>({
  name: "store.write_failed",
  level: "error",
  message: "The store did not take a write; what depended on it was refused.",
});

export const storeBroke = defineEvent<{ detail: string }>({
  name: "store.broke",
  level: "error",
  message: "The disk refused to keep what was written. The store takes no more writes until the router is restarted.",
});

export const storeWentBack = defineEvent<object>({
  name: "store.went_back",
  level: "error",
  message:
    "The Redis server has gone back to an earlier state: tasks and kept writes since then are lost. Compare the replicas with `POST /_miroir/verify`.",
});

export const storeAtRisk = defineEvent<{ risk: string; advice: string }>({
  name: "store.at_risk",
  level: "warn",
  message: "The Redis server may lose what routers rely on.",
});
