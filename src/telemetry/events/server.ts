/** The router's own life. */
import { defineEvent } from "../event.ts";

export const configurationWarned = defineEvent<{ warning: string }>({
  name: "server.configuration_warned",
  level: "warn",
  message: "The configuration deserves a look.",
});

export const routerStarted = defineEvent<{ version: string; port: number; nodes: number }>({
  name: "server.started",
  level: "info",
  message: "The router takes requests.",
});

export const routerStopping = defineEvent<{ signal: string }>({
  name: "server.stopping",
  level: "info",
  message: "The router was told to stop; running requests may finish.",
});

export const routerStopped = defineEvent<Record<string, never>>({
  name: "server.stopped",
  level: "info",
  message: "The router has stopped.",
});

export const routerFailed = defineEvent<{ reason: string; error: unknown }>({
  name: "server.failed",
  level: "error",
  message: "The router cannot run.",
  log: ({ reason }) => ({ reason }),
});
