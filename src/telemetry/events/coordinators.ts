/** What is worth knowing about background loops. */
import { defineEvent } from "../event.ts";

export const tickFailed = defineEvent<{ coordinator: string; failures: number; retryMs: number; detail: string }>({
  name: "coordinator.tick_failed",
  level: "warn",
  message: "A background loop failed; it goes on after a pause.",
});
