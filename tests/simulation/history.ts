/**
 * What clients did and were told. A write is known by its effect on what stands under one key, a document's or a
 * setting's, so that the state a replica or an answer shows can be asked: is there an order of these writes, allowed by
 * what was told when, that leads to it?
 */
export type Doc = Readonly<Record<string, unknown>>;

export const INDEXES = ["films", "shows"] as const;
export type IndexName = (typeof INDEXES)[number];

/** What stands under one key in each of the indexes, which may exchange their names; null: nothing. */
export type State = Readonly<Record<IndexName, Doc | null>>;

export type Effect = (before: State) => State;

export interface WriteRecord {
  readonly number: number;
  readonly kind: "documents" | "settings" | "swap";
  readonly text: string;
  /** null: the write does not touch what stands under that key. */
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
  /** Documents that have expired may be gone; absent: they do not expire. */
  readonly expiry?: ExpiryClaims;
}

export interface ExpiryClaims {
  /** When a router's clock first showed this time; Infinity: it has not. */
  readonly shownFromMs: (wallMs: number) => number;
  readonly untilMs: number;
}

/** As a client wrote it; no node and no answer shows it. */
export const EXPIRY = "_miroir_expires_at";

/** Without what no one is shown. */
function bare(state: State): State {
  const isBare = INDEXES.every((index) => state[index] === null || !(EXPIRY in state[index]));
  if (isBare) return state;
  const shown = (document: Doc | null): Doc | null => {
    if (document === null) return null;
    const { [EXPIRY]: _hidden, ...rest } = document;
    return rest;
  };
  return { films: shown(state.films), shows: shown(state.shows) };
}

/** What a write does to a key stays the same, and every answer is judged by all writes before it. */
function effectOn(write: WriteRecord, key: string): Effect | null {
  const known = effects.get(write) ?? new Map<string, Effect | null>();
  effects.set(write, known);
  let effect = known.get(key);
  if (effect === undefined) known.set(key, (effect = remembered(write.effectOn(key))));
  return effect;
}

const effects = new WeakMap<WriteRecord, Map<string, Effect | null>>();

/** The same state becomes the same object again, whose text is known. */
function remembered(effect: Effect | null): Effect | null {
  if (effect === null) return null;
  const results = new WeakMap<State, State>();
  return (before) => {
    let after = results.get(before);
    if (after === undefined) results.set(before, (after = effect(before)));
    return after;
  };
}

/** A document as text, whatever the order of its fields; null stays null. */
export function stateText(document: Doc | null | undefined): string | null {
  if (document === null || document === undefined) return null;
  const known = stateTexts.get(document);
  if (known !== undefined) return known;
  const fields = Object.keys(document).toSorted();
  const text = `{${fields.map((name) => `"${name}":${JSON.stringify(document[name])}`).join(",")}}`;
  stateTexts.set(document, text);
  return text;
}

/** Documents are never changed in place, and the same ones are looked at in every answer. */
const stateTexts = new WeakMap<Doc, string>();

/** More different states of one document than this are not told apart any more. */
const STATES_MAX = 1_048_576;

/** Writes of one key whose orders can be told. */
const STEPS_MAX = 30;

export function describeState(state: State): string {
  let text = descriptions.get(state);
  if (text === undefined) {
    const { films, shows } = state;
    text = shows === null ? String(stateText(films)) : `${stateText(films)}, in shows ${stateText(shows)}`;
    descriptions.set(state, text);
  }
  return text;
}

const descriptions = new WeakMap<State, string>();
/** Where every order of writes begins. */
const NOTHING: State = { films: null, shows: null };

/** States by number, so that equal ones are found without comparing texts again and again. */
function numbered(): { readonly states: readonly State[]; readonly numberOf: (state: State) => number } {
  const states: State[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (state: State): number => {
    const text = describeState(state);
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, states.length);
    return states.push(state) - 1;
  };
  return { states, numberOf };
}

/** Every state of the key that some order of the writes leads to, by its description. */
export function reachableStates(
  key: string,
  writes: readonly WriteRecord[],
  { must, may, expiry }: Claims,
): ReadonlyMap<string, State> {
  const steps = writes.flatMap((write) => {
    const effect = effectOn(write, key);
    const isMust = must(write);
    return effect === null || (!isMust && !may(write)) ? [] : [{ write, effect, isMust }];
  });
  // Each is a bit. Without this, longer histories would seem to have no state at all.
  if (steps.length > STEPS_MAX) throw new RangeError(`${steps.length} writes of ${key} are too many to be judged`);
  const before = steps.map(({ write }) =>
    steps.reduce((mask, other, at) => (other.write.endedMs < write.beganMs ? mask | (1 << at) : mask), 0),
  );
  const all = steps.length === 0 ? 0 : 2 ** steps.length - 1;
  const { states, numberOf } = numbered();
  const after = steps.map(() => new Map<number, number>());
  const effectOf = (at: number, state: number): number => {
    const effects = after[at] as Map<number, number>;
    const known = effects.get(state);
    if (known !== undefined) return known;
    const next = numberOf((steps[at] as (typeof steps)[number]).effect(states[state] as State));
    effects.set(state, next);
    return next;
  };
  /** What had ended when the clock first showed the time stands before whatever deletes what expired then. */
  const sweepsOf = (done: number, number: number): readonly number[] => {
    if (expiry === undefined) return [];
    const state = states[number] as State;
    return INDEXES.flatMap((index) => {
      const time = state[index]?.[EXPIRY];
      if (typeof time !== "number") return [];
      const fromMs = expiry.shownFromMs(time);
      const isLate = steps.some(
        ({ write, isMust }, at) => isMust && write.endedMs < fromMs && (done & (1 << at)) === 0,
      );
      return fromMs > expiry.untilMs || isLate ? [] : [numberOf({ ...state, [index]: null })];
    });
  };
  const seen = new Set<number>();
  const ends = new Map<string, State>();
  const visit = (done: number, state: number): void => {
    const mark = done * STATES_MAX + state;
    if (seen.has(mark)) return;
    seen.add(mark);
    for (const swept of sweepsOf(done, state)) visit(done, swept);
    if (done === all) {
      const end = bare(states[state] as State);
      return void ends.set(describeState(end), end);
    }
    for (let at = 0; at < steps.length; at += 1) {
      const bit = 1 << at;
      if ((done & bit) !== 0 || ((before[at] as number) & ~done) !== 0) continue;
      visit(done | bit, effectOf(at, state));
      if (steps[at]?.isMust === false) visit(done | bit, state);
    }
  };
  visit(0, numberOf(NOTHING));
  return ends;
}

/**
 * What has to be in a state after everything has healed: what was acknowledged and has not failed. What all nodes do or
 * none must not be in it when it has failed.
 */
export const AFTER_HEALING: Omit<Claims, "expiry"> = {
  must: ({ outcome, taskStatus }) => outcome === "acknowledged" && taskStatus === "succeeded",
  may: ({ kind, outcome, taskStatus }) => outcome !== "unsent" && !(kind !== "documents" && taskStatus === "failed"),
};

/** What a complete answer, asked and given at these times, has to show. */
export function claimsDuring(askedMs: number, answeredMs: number): Omit<Claims, "expiry"> {
  return {
    must: ({ seenSucceededMs }) => seenSucceededMs < askedMs,
    may: ({ beganMs, outcome }) => beganMs <= answeredMs && outcome !== "unsent",
  };
}

export function describeWrites(key: string, writes: readonly WriteRecord[]): string {
  return writes
    .filter((write) => effectOn(write, key) !== null)
    .map(
      ({ text, beganMs, endedMs, outcome, code, taskUid, taskStatus, taskError }) =>
        `    ${beganMs.toFixed(0)}..${endedMs.toFixed(0)} ${text}: ${outcome} ${code ?? ""} task ${taskUid} ${taskStatus} ${taskError ?? ""}`,
    )
    .join("\n");
}
