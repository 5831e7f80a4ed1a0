/**
 * One hit as the client sees it: the node's own text with the members cut out that Miroir added or asked for itself.
 * Nothing that stays is parsed and printed again.
 */
import { EXPIRES_AT_FIELD, MARKER_PREFIX, SEQUENCE_FIELD, SHARD_FIELD, UPDATED_AT_FIELD } from "../markers/fields.ts";
import { decodeExpiry } from "../markers/expiry.ts";
import { decodeKey, MALFORMED, readObject, skipSpace } from "../json/scan.ts";
import { cutFrom, cutPath } from "./distinct-cut.ts";
import { lastMember, type Hit } from "./hit-cursor.ts";
import { isHiddenRule } from "./score-details.ts";

export interface HitView {
  /** Did the client ask for `_rankingScoreDetails`? They are always asked for from the nodes. */
  readonly keepDetails: boolean;
  /** Does the request make nodes add `_formatted` or `_matchesPosition`? */
  readonly hasDerivedFields: boolean;
  /** Members of a hit that only the merge needed. */
  readonly dropFields: readonly string[];
  /** A nested field that only the merge needed, of an object of which the client reads other parts. */
  readonly cut?: string | undefined;
  /** What only the merge needed of `_formatted`: it shows what is retrieved, besides what it marks. */
  readonly cutFormatted?: string | undefined;
  /** Members of `_formatted` that only the merge needed. */
  readonly dropFormatted?: readonly string[] | undefined;
  /** The primary key, where only the merge needed it, or the object that it alone was asked for of: it tells what is pinned. */
  readonly hiddenKey?: string | undefined;
  /** The same of `_formatted`, where the key is not among what is marked there. */
  readonly hiddenKeyFormatted?: string | undefined;
  /** The client's displayed attributes; null: all of them. Sort rules on others are redacted in the details. */
  readonly displayed: readonly string[] | null;
  /** Everything the node printed, markers and all: the answer is merged once more before a client sees it. */
  readonly untouched?: boolean;
}

export function renderHit(hit: Hit, view: HitView): string {
  const { text, bounds } = hit;
  if (view.untouched === true) return bounds.length === 0 ? "{}" : `{${text.slice(bounds[0], bounds.at(-1))}}`;
  const details = lastMember(text, bounds, DETAILS_FIELD);
  const formatted = view.hasDerivedFields ? lastMember(text, bounds, "_formatted") : -1;
  const matches = view.hasDerivedFields ? lastMember(text, bounds, "_matchesPosition") : -1;
  const writer = createMemberWriter(text);
  for (let i = 0; i < bounds.length; i += 4) {
    const underscored = text.charCodeAt(bounds[i]! + 1) === UNDERSCORE;
    if (underscored) {
      if (isMarkerAt(text, bounds[i]!, bounds[i + 1]!)) continue;
      if (i === details) {
        if (view.keepDetails) writer.replace(bounds, i, renderDetails(text, bounds[i + 2]!, view));
        continue;
      }
      if (i === formatted) {
        const own = withoutHidden(text, bounds[i + 2]!, null, view.dropFormatted);
        const keyless = view.hiddenKeyFormatted === undefined ? own : cutPath(own, 0, view.hiddenKeyFormatted);
        const shown = view.cutFormatted === undefined ? keyless : cutPath(keyless, 0, view.cutFormatted);
        // The engine leaves out what has no field in it.
        if (shown !== "{}") writer.replace(bounds, i, shown);
        continue;
      }
      if (i === matches) {
        writer.replace(bounds, i, withoutHidden(text, bounds[i + 2]!, view.displayed));
        continue;
      }
    }
    if (view.dropFields.length > 0 && view.dropFields.includes(decodeKey(text, bounds[i]!, bounds[i + 1]!) ?? "")) {
      continue;
    }
    if (view.cut === undefined && view.hiddenKey === undefined) {
      writer.keep(bounds, i);
      continue;
    }
    const value = valueWithout([view.hiddenKey, view.cut], text, bounds, i);
    if (value === null) writer.keep(bounds, i);
    else if (value !== "") writer.replace(bounds, i, value);
  }
  return writer.end();
}

/** What is left of a member's value without these paths. Empty: nothing is; null: it is as it stands. */
function valueWithout(
  paths: readonly (string | undefined)[],
  text: string,
  bounds: readonly number[],
  member: number,
): string | null {
  const name = decodeKey(text, bounds[member]!, bounds[member + 1]!) ?? "";
  let value: string | null = null;
  for (const path of paths) {
    const below = path === undefined ? null : cutFrom(name, path);
    if (below === null) continue;
    if (below === "") return "";
    value = value === null ? cutPath(text, bounds[member + 2]!, below) : cutPath(value, 0, below);
  }
  return value;
}

/** Joins kept members; neighbours that are both kept are copied as one slice. */
export function createMemberWriter(text: string): {
  keep(bounds: readonly number[], member: number): void;
  replace(bounds: readonly number[], member: number, value: string): void;
  add(member: string): void;
  end(): string;
} {
  let out = "";
  let runStart = -1;
  let runEnd = -1;
  const flush = (): void => {
    if (runStart === -1) return;
    out = out === "" ? text.slice(runStart, runEnd) : `${out},${text.slice(runStart, runEnd)}`;
    runStart = -1;
  };
  const add = (member: string): void => {
    flush();
    out = out === "" ? member : `${out},${member}`;
  };
  let lastKept = -2;
  return {
    keep(bounds, member) {
      if (runStart !== -1 && lastKept !== member - 4) flush();
      if (runStart === -1) runStart = bounds[member]!;
      runEnd = bounds[member + 3]!;
      lastKept = member;
    },
    replace(bounds, member, value) {
      add(text.slice(bounds[member], bounds[member + 2]) + value);
    },
    add,
    end() {
      flush();
      return `{${out}}`;
    },
  };
}

export function isMarkerAt(text: string, openQuote: number, closeQuote: number): boolean {
  if (!text.startsWith(MARKER_PREFIX, openQuote + 1)) return false;
  const name = text.slice(openQuote + 1, closeQuote);
  return name === EXPIRES_AT_FIELD ? isExpiryAt(text, closeQuote + 1) : MARKERS.has(name);
}

/** Where nothing expires it is a field like any other; the marker is known by its value. `at`: behind the name. */
function isExpiryAt(text: string, at: number): boolean {
  const value = skipSpace(text, text.indexOf(":", at) + 1);
  return text[value] === '"' && decodeExpiry(text.slice(value + 1, text.indexOf('"', value + 1))) !== null;
}

/** An object of fields without the markers, those that are `dropped` and, where `displayed` is given, those not displayed. */
function withoutHidden(
  text: string,
  at: number,
  displayed: readonly string[] | null,
  dropped: readonly string[] = [],
): string {
  const bounds: number[] = [];
  if (readObject(text, at, bounds) === MALFORMED) return "{}";
  const writer = createMemberWriter(text);
  for (let i = 0; i < bounds.length; i += 4) {
    if (isMarkerAt(text, bounds[i]!, bounds[i + 1]!)) continue;
    const name = displayed === null && dropped.length === 0 ? "" : (decodeKey(text, bounds[i]!, bounds[i + 1]!) ?? "");
    if (dropped.includes(name) || (displayed !== null && !isDisplayed(name, displayed))) continue;
    writer.keep(bounds, i);
  }
  return writer.end();
}

/** Without the hidden last rule, so the visible `order` numbers stay as they are. */
function renderDetails(text: string, at: number, view: HitView): string {
  const bounds: number[] = [];
  if (readObject(text, at, bounds) === MALFORMED) return "{}";
  const writer = createMemberWriter(text);
  for (let i = 0; i < bounds.length; i += 4) {
    const name = decodeKey(text, bounds[i]!, bounds[i + 1]!) ?? "";
    if (isHiddenRule(name)) continue;
    const redacted =
      view.displayed === null ? null : redact(name, text.slice(bounds[i + 2], bounds[i + 3]), view.displayed);
    if (redacted === null) writer.keep(bounds, i);
    else writer.add(redacted);
  }
  return writer.end();
}

/** The engine hides what it sorted by when the field itself is hidden. */
function redact(name: string, detail: string, displayed: readonly string[]): string | null {
  const field = /^(.*):(?:asc|desc)$/s.exec(name)?.[1];
  if (field === undefined || field.startsWith("_geoPoint(") || displayed.includes(field)) return null;
  const order = /"order":(\d+)/.exec(detail)?.[1] ?? "0";
  return `"<hidden-rule-${order}>":{"order":${order},"value":"<hidden>"}`;
}

/** `a` displays `a` and everything below it. */
export function isDisplayed(field: string, displayed: readonly string[]): boolean {
  return displayed.some((name) => name === "*" || name === field || field.startsWith(`${name}.`));
}

const MARKERS: ReadonlySet<string> = new Set([SHARD_FIELD, SEQUENCE_FIELD, UPDATED_AT_FIELD]);
export const DETAILS_FIELD = "_rankingScoreDetails";
export const SCORE_FIELD = "_rankingScore";
const UNDERSCORE = 0x5f;
