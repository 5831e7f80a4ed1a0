/**
 * The metrics as Prometheus reads them. A family appears with its first value, or when its feature is activated, so
 * that what is switched off shows nothing. Labels that carry names from outside are capped: what comes later counts
 * under `other`.
 */
import { readdirSync } from "node:fs";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { AssertionFailure } from "../core/assert.ts";
import type { Clock } from "../platform/clock.ts";
import { families, type FamilyName } from "./families.ts";
import { createLabelCap } from "./label-cap.ts";
import type { Metrics } from "./metrics.ts";

export interface PrometheusMetrics extends Metrics {
  /** Shows these families from now on; those without labels with the value 0. */
  activate(names: readonly FamilyName[]): void;
  /** The text a scrape receives. */
  render(): Promise<string>;
  readonly contentType: string;
}

export interface PrometheusOptions {
  readonly clock: Clock;
  /** Different values of one capped label that are shown before the rest becomes `other`. */
  readonly labelValuesMax?: number;
}

export function createPrometheusMetrics(options: PrometheusOptions): PrometheusMetrics {
  const registry = new Registry();
  const counters = new Map<FamilyName, Counter>();
  const gauges = new Map<FamilyName, Gauge>();
  const histograms = new Map<FamilyName, Histogram>();
  const capped = createLabelCap(options.labelValuesMax ?? LABEL_VALUES_MAX);
  registerProcessMetrics(registry, options.clock);
  gauges.set("event_loop_lag_seconds", eventLoopLag(registry, options.clock));

  const counter = (name: FamilyName): Counter => {
    let made = counters.get(name);
    if (made === undefined) {
      made = new Counter({ ...declaration(name, "counter"), registers: [registry] });
      counters.set(name, made);
    }
    return made;
  };
  const gauge = (name: FamilyName): Gauge => {
    let made = gauges.get(name);
    if (made === undefined) {
      made = new Gauge({ ...declaration(name, "gauge"), registers: [registry] });
      gauges.set(name, made);
    }
    return made;
  };
  const histogram = (name: FamilyName): Histogram => {
    let made = histograms.get(name);
    if (made === undefined) {
      const buckets = families[name].buckets;
      const shape = declaration(name, "histogram");
      made = new Histogram({ ...shape, ...(buckets && { buckets: [...buckets] }), registers: [registry] });
      histograms.set(name, made);
    }
    return made;
  };

  return {
    contentType: registry.contentType,
    count: (name, labels, amount = 1) =>
      labels === undefined ? counter(name).inc(amount) : counter(name).inc(capped(labels), amount),
    set: (name, value, labels) =>
      labels === undefined ? gauge(name).set(value) : gauge(name).set(capped(labels), value),
    observe: (name, value, labels) =>
      labels === undefined ? histogram(name).observe(value) : histogram(name).observe(capped(labels), value),
    activate: (names) => {
      for (const name of names) {
        const { kind } = families[name];
        if (kind === "counter") counter(name);
        else if (kind === "gauge") gauge(name);
        else histogram(name);
      }
    },
    render: () => registry.metrics(),
  };
}

function declaration(name: FamilyName, kind: string): { name: string; help: string; labelNames: string[] } {
  const family = families[name];
  if (family.kind !== kind) throw new AssertionFailure(`the family ${name} is used as the ${family.kind} it is`);
  return { name: `miroir_${name}`, help: family.help, labelNames: [...family.labels] };
}

/** Only what means something under Bun; measured when somebody asks. */
function registerProcessMetrics(registry: Registry, clock: Clock): void {
  const registers = [registry];
  let countedSeconds = 0;
  const cpu = new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time spent, user and system",
    registers,
    collect: () => {
      const { user, system } = process.cpuUsage();
      const seconds = (user + system) / 1e6;
      cpu.inc(Math.max(0, seconds - countedSeconds));
      countedSeconds = seconds;
    },
  });
  const memory: Gauge = new Gauge({
    name: "process_resident_memory_bytes",
    help: "Memory held in RAM",
    registers,
    collect: () => memory.set(process.memoryUsage.rss()),
  });
  const files = new Gauge({
    name: "process_open_fds",
    help: "Open file descriptors",
    registers,
    collect: () => {
      const count = openFiles();
      if (count !== null) files.set(count);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "Start of the process, seconds since the epoch",
    registers,
  }).set(clock.nowMs() / 1000 - process.uptime());
}

/** Measured at a scrape: one timer that should fire at once, and how late it does. */
function eventLoopLag(registry: Registry, clock: Clock): Gauge {
  const lag = new Gauge({
    ...declaration("event_loop_lag_seconds", "gauge"),
    registers: [registry],
    collect: async () => {
      const before = clock.monotonicMs();
      await clock.sleep(0);
      lag.set((clock.monotonicMs() - before) / 1000);
    },
  });
  return lag;
}

function openFiles(): number | null {
  try {
    // Listing opens one itself.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return null;
  }
}

const LABEL_VALUES_MAX = 100;
