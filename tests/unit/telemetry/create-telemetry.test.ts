import { describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/platform/system.ts";
import { createTelemetry, type Telemetry } from "../../../src/telemetry/create-telemetry.ts";
import { defineEvent } from "../../../src/telemetry/event.ts";
import { requestFinished } from "../../../src/telemetry/events/http.ts";

function fixture(): { telemetry: Telemetry; text: () => Promise<string> } {
  let written = "";
  const sink = {
    write: async (text: string) => void (written += text),
    writeNow: (text: string) => void (written += text),
  };
  const telemetry = createTelemetry({
    clock: systemClock,
    version: "1.2.3",
    level: "info",
    format: "json",
    secrets: ["hush-hush"],
    sink,
  });
  return { telemetry, text: async () => telemetry.log.flush().then(() => written) };
}

const finished = {
  requestId: "r1",
  method: "POST",
  pathTemplate: "/indexes/{indexUid}/search",
  status: 200,
  durationMs: 12.34567,
  notes: { index: "movies" },
};

describe("an event", () => {
  test("is written and counted as it was declared", async () => {
    const { telemetry, text } = fixture();
    telemetry.emit(requestFinished, finished);
    expect(JSON.parse(await text())).toMatchObject({
      level: "info",
      message: "A request was answered.",
      event: "http.request_finished",
      request_id: "r1",
      path_template: "/indexes/{indexUid}/search",
      duration_ms: 12.346,
      index: "movies",
    });
    const metrics = await telemetry.render();
    expect(metrics).toContain(
      'miroir_requests_total{method="POST",path_template="/indexes/{indexUid}/search",status="200"} 1',
    );
    expect(metrics).toContain("miroir_request_duration_seconds_count");
    expect(metrics).toContain('miroir_build_info{version="1.2.3"} 1');
  });

  test("below the level is counted all the same", async () => {
    const { telemetry, text } = fixture();
    telemetry.log.setLevel("error");
    telemetry.emit(requestFinished, finished);
    expect(await text()).toBe("");
    expect(await telemetry.render()).toContain("miroir_requests_total{");
  });

  test("that cannot be recorded harms nobody", async () => {
    const { telemetry, text } = fixture();
    const broken = defineEvent<object>({
      name: "test.broken",
      level: "info",
      message: "",
      log: () => {
        throw new TypeError("hush-hush");
      },
    });
    expect(() => telemetry.emit(broken, {})).not.toThrow();
    expect(await text()).toContain("An event could not be recorded.");
    expect(await text()).not.toContain("hush-hush");
  });
});
