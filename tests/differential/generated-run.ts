/** A generated run: so many settings, each with its own documents, history and requests, all drawn from one seed. */
import { SHAPES, makeWords, type Shape } from "./generate-documents.ts";
import { makeHistory } from "./generate-history.ts";
import { makeRules, ruleWrites } from "./generate-rules.ts";
import { makeRequests } from "./generate-requests.ts";
import { makeSettings } from "./generate-settings.ts";
import type { Kind } from "./kinds.ts";
import { createDice } from "./random.ts";
import type { DifferentialRequest } from "./request.ts";
import { tenantSecret } from "./tenant.ts";
import { runDifferential, type DifferentialReport } from "./run.ts";
import { load, type World } from "./world.ts";

export interface GeneratedRunOptions {
  readonly seed: number;
  /** Number of the settings: 0 is the default with filters and sorts. */
  readonly settings: number;
  readonly documents: number;
  readonly requests: number;
  readonly kinds: ReadonlySet<Kind>;
  readonly keepGoing: boolean;
  readonly reuseIds: boolean;
}

export interface GeneratedIndex {
  readonly uid: string;
  readonly setup: readonly DifferentialRequest[];
  readonly requests: readonly DifferentialRequest[];
}

/** Depends on nothing but its options, so one number of settings can be run again alone. */
export function generateIndex(options: Omit<GeneratedRunOptions, "keepGoing">): GeneratedIndex {
  const { seed, settings: number, kinds } = options;
  const uid = `generated_${number}`;
  const dice = createDice((seed * 1_000_003 + number * 7_919) >>> 0);
  const shape = SHAPES[number % SHAPES.length] as Shape;
  const words = makeWords(dice, shape);
  const settings = makeSettings(dice, number, words, kinds);
  const vectors = settings.embedder !== null;
  const history = makeHistory(dice, {
    index: uid,
    shape,
    words,
    documents: options.documents,
    vectors,
    reuseIds: options.reuseIds,
  });
  const world = { words, ids: history.ids, settings, kinds, index: uid };
  return {
    uid,
    setup: [
      { method: "POST", path: "/indexes", body: { uid, primaryKey: "id" } },
      { method: "PATCH", path: `/indexes/${uid}/settings`, body: settings.body },
      ...history.writes,
      ...(kinds.has("rules") ? ruleWrites(rulesOf(options, uid, history.ids, words.all.slice(0, 12))) : []),
    ],
    requests: makeRequests(dice, world, options.requests),
  };
}

/** Drawn apart, so that the same seed gives the same searches without them. */
function rulesOf(
  { seed, settings }: Omit<GeneratedRunOptions, "keepGoing">,
  uid: string,
  ids: readonly string[],
  words: readonly string[],
): Readonly<Record<string, object>> {
  const dice = createDice((seed * 7_919 + settings * 1_000_003) >>> 0);
  return makeRules(dice, { indexes: [uid], ids, words, values: [{ brand: "Acme" }, { tags: ["new", "sale"] }] }, uid);
}

export interface LoadedIndex {
  readonly generated: GeneratedIndex;
  /** Writes that ended differently. */
  readonly faults: readonly string[];
}

export async function loadGenerated(world: World, options: GeneratedRunOptions): Promise<LoadedIndex> {
  const generated = generateIndex(options);
  if (options.kinds.has("tenant")) await Promise.all([world.single, world.miroir].map(tenantSecret));
  return { generated, faults: await load(world, generated.setup) };
}

export async function askGenerated(
  world: World,
  { seed, settings, keepGoing }: GeneratedRunOptions,
  { generated, faults }: LoadedIndex,
): Promise<DifferentialReport> {
  const report = await runDifferential(world, generated.requests, { keepGoing });
  const writes = faults.map((difference) => ({
    request: { method: "", path: "" },
    difference: `a write ended differently: ${difference}`,
    verdict: "different" as const,
  }));
  return {
    ...report,
    requests: report.requests + faults.length,
    different: report.different + faults.length,
    first_differences: [...writes, ...report.first_differences].map((first) => ({ seed, settings, ...first })),
  };
}

/** Everything of one number of settings; the index is gone afterwards. */
export async function runGenerated(world: World, options: GeneratedRunOptions): Promise<DifferentialReport> {
  const loaded = await loadGenerated(world, options);
  const report = await askGenerated(world, options, loaded);
  await load(world, [{ method: "DELETE", path: `/indexes/${loaded.generated.uid}` }]);
  return report;
}
