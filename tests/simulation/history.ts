/**
 * What clients did and were told. A write is known by its effect on one document, so that the state a replica or an
 * answer shows can be asked: is there an order of these writes, allowed by what was told when, that leads to it?
 */
export type Doc = Readonly<Record<string, unknown>>;

/** One document before and after; null: there is none. */
export type Effect = (before: Doc | null) => Doc | null;

export interface WriteRecord {
  readonly number: number;
  readonly text: string;
  /** null: the write does not touch that document. */
  readonly effectOn: (key: string) => Effect | null;
  readonly beganMs: number;
  /** When the client was told, or found its connection closed; Infinity while neither. */
  endedMs: number;
  outcome: "open" | "acknowledged" | "refused" | "unsettled" | "lost" | "unsent";
  /** Code of the error it was refused with. */
  code: string | null;
  taskUid: number | null;
  taskStatus: string | null;
  taskError: string | null;
  /** When a client first saw that its task had succeeded. */
  seenSucceededMs: number;
}

/** Writes that have to be part of a state, and those that may be. Others are not. */
export interface Claims {
  readonly must: (write: WriteRecord) => boolean;
  readonly may: (write: WriteRecord) => boolean;
}

/** A document as text, whatever the order of its fields; null stays null. */
export function stateText(document: Doc | null | undefined): string | null {
  if (document === null || document === undefined) return null;
  return JSON.stringify(Object.fromEntries(Object.entries(document).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** Every state of the document that some order of the writes leads to. */
export function reachableStates(
  key: string,
  writes: readonly WriteRecord[],
  { must, may }: Claims,
): ReadonlySet<string | null> {
  const steps = writes.flatMap((write) => {
    const effect = write.effectOn(key);
    const isMust = must(write);
    return effect === null || (!isMust && !may(write)) ? [] : [{ write, effect, isMust }];
  });
  const before = steps.map(({ write }) =>
    steps.reduce((mask, other, at) => (other.write.endedMs < write.beganMs ? mask | (1 << at) : mask), 0),
  );
  const all = steps.length === 0 ? 0 : 2 ** steps.length - 1;
  const seen = new Set<string>();
  const ends = new Set<string | null>();
  const visit = (done: number, state: Doc | null): void => {
    const mark = `${done} ${stateText(state)}`;
    if (seen.has(mark)) return;
    seen.add(mark);
    if (done === all) return void ends.add(stateText(state));
    for (const [at, step] of steps.entries()) {
      const bit = 1 << at;
      if ((done & bit) !== 0 || ((before[at] as number) & ~done) !== 0) continue;
      visit(done | bit, step.effect(state));
      if (!step.isMust) visit(done | bit, state);
    }
  };
  visit(0, null);
  return ends;
}

/** What has to be in a state after everything has healed: what was acknowledged and has not failed. */
export const AFTER_HEALING: Claims = {
  must: ({ outcome, taskStatus }) => outcome === "acknowledged" && taskStatus === "succeeded",
  may: ({ outcome }) => outcome !== "unsent",
};

/** What a complete answer, asked and given at these times, has to show. */
export function claimsDuring(askedMs: number, answeredMs: number): Claims {
  return {
    must: ({ seenSucceededMs }) => seenSucceededMs < askedMs,
    may: ({ beganMs, outcome }) => beganMs <= answeredMs && outcome !== "unsent",
  };
}

export function describeWrites(key: string, writes: readonly WriteRecord[]): string {
  return writes
    .filter((write) => write.effectOn(key) !== null)
    .map(
      ({ text, beganMs, endedMs, outcome, code, taskUid, taskStatus, taskError }) =>
        `    ${beganMs.toFixed(0)}..${endedMs.toFixed(0)} ${text}: ${outcome} ${code ?? ""} task ${taskUid} ${taskStatus} ${taskError ?? ""}`,
    )
    .join("\n");
}
