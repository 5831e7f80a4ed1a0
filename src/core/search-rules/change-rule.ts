/**
 * What a client's change makes of a rule, and what the nodes are told of it. A field that is left out stays, one that
 * is null goes back to its default; conditions and actions are replaced as wholes.
 */
import { skipSpace } from "../json/scan.ts";
import { members, type ReadAction, readActions, withPositions } from "./actions-text.ts";
import {
  freePlace,
  newestState,
  RULE_FIELDS,
  type RuleAction,
  type RuleState,
  type SearchRule,
} from "./search-rule.ts";

export interface RuleChange {
  readonly rule: SearchRule;
  readonly version: number;
  /** What the nodes get in place of the client's body. */
  readonly body: string;
}

/** `text` is the client's body. What no node would take is passed on as it is, for the nodes to refuse. */
export function changedRule(rules: ReadonlyMap<string, SearchRule>, uid: string, text: string): RuleChange {
  const known = rules.get(uid);
  const before = known === undefined ? null : newestState(known);
  const start = skipSpace(text, 0);
  const given = members(text, start) ?? new Map<string, readonly [number, number]>();
  const fields = { ...before?.fields };
  for (const field of RULE_FIELDS) {
    const bounds = given.get(field);
    if (bounds === undefined) continue;
    const value = text.slice(...bounds);
    if (value === "null") delete fields[field];
    else fields[field] = value;
  }
  const at = given.get("actions");
  const read = fields.actions === undefined ? [] : (readActions(fields.actions) ?? []);
  const actions = at === undefined ? (before?.actions ?? []) : marked(rules, read);
  const state: RuleState = { place: before?.place ?? freePlace(rules.values()), fields, actions };
  const versions = known?.versions ?? [];
  const version = (versions.at(-1)?.version ?? 0) + 1;
  const isWritten = at !== undefined && actions.length > 0;
  return {
    rule: { uid, versions: [...versions, { version, rule: state }] },
    version,
    body: isWritten ? text.slice(0, at[0]) + nodeActions(fields.actions!, read, actions) + text.slice(at[1]) : text,
  };
}

/** null: there is no such rule. */
export function deletedRule(rule: SearchRule | undefined): Omit<RuleChange, "body"> | null {
  if (rule === undefined || newestState(rule) === null) return null;
  const version = rule.versions.at(-1)!.version + 1;
  return { rule: { ...rule, versions: [...rule.versions, { version, rule: null }] }, version };
}

/** The change has been carried out: what was before it is on no node any more. null: nothing is left of the rule. */
export function settledRule(rule: SearchRule, version: number): SearchRule | null {
  return remaining(
    rule,
    rule.versions.filter((one) => one.version >= version),
  );
}

/** The change has not been carried out anywhere, or has been taken back. */
export function withoutVersion(rule: SearchRule, version: number): SearchRule | null {
  return remaining(
    rule,
    rule.versions.filter((one) => one.version !== version),
  );
}

function remaining(rule: SearchRule, versions: SearchRule["versions"]): SearchRule | null {
  return versions.every((one) => one.rule === null) ? null : { ...rule, versions };
}

/** The whole rule as a node is given it. */
export function nodeBody({ fields, actions }: RuleState): string {
  const read = fields.actions === undefined ? [] : (readActions(fields.actions) ?? []);
  const told = fields.actions === undefined ? undefined : nodeActions(fields.actions, read, actions);
  const whole = { ...fields, ...(told === undefined ? {} : { actions: told }) };
  return `{${RULE_FIELDS.map((field) => `"${field}":${whole[field] ?? "null"}`).join(",")}}`;
}

function nodeActions(text: string, read: readonly ReadAction[], actions: readonly RuleAction[]): string {
  return withPositions(
    text,
    read,
    actions.map(({ mark }) => mark),
  );
}

/**
 * Marks that no action on a document of that id has, in whichever rule and in whichever of its states. Low ones: a pin
 * of mark n stands among the first n hits behind the other pins of its node.
 */
function marked(rules: ReadonlyMap<string, SearchRule>, read: readonly ReadAction[]): readonly RuleAction[] {
  const ids = new Set(read.map(({ id }) => id));
  const taken = new Map<string, Set<number>>();
  for (const id of ids) taken.set(id, new Set());
  for (const { versions } of rules.values()) {
    for (const { rule } of versions) {
      for (const { id, mark } of rule?.actions ?? []) taken.get(id)?.add(mark);
    }
  }
  return read.map(({ indexUid, id, position }) => {
    const marks = taken.get(id)!;
    let mark = 0;
    while (marks.has(mark)) mark += 1;
    marks.add(mark);
    return { indexUid, id, position, mark };
  });
}
