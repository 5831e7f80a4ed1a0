/**
 * A dynamic search rule as the router keeps it: every state that some node may still have, the newest last. The nodes
 * get a rule with other positions than its own, which tell its actions apart (`mark`); where a pin belongs, among those
 * of all nodes, only the router knows.
 */
export interface SearchRule {
  readonly uid: string;
  /** At least one. */
  readonly versions: readonly RuleVersion[];
}

export interface RuleVersion {
  /** Rises with every change of the rule. */
  readonly version: number;
  /** null: it is deleted. */
  readonly rule: RuleState | null;
}

export interface RuleState {
  /** Among rules of the same precedence the lower one goes first. The engine gives a new rule the first free place. */
  readonly place: number;
  /** The fields that are set, as JSON text: as the client wrote them. */
  readonly fields: Readonly<Partial<Record<RuleField, string>>>;
  /** In the order of `fields.actions`. */
  readonly actions: readonly RuleAction[];
}

export interface RuleAction {
  /** null: the document of that id in any index. */
  readonly indexUid: string | null;
  readonly id: string;
  /** Where the client wants it. */
  readonly position: number;
  /** Its position on the nodes: no two actions on documents of one id have the same. */
  readonly mark: number;
}

export const RULE_FIELDS = ["description", "precedence", "active", "conditions", "actions"] as const;

export type RuleField = (typeof RULE_FIELDS)[number];

/** What the rule is to be once everything that is under way has been carried out; null: there is none. */
export function newestState({ versions }: SearchRule): RuleState | null {
  return versions.at(-1)!.rule;
}

/** The first place that no rule has. */
export function freePlace(rules: Iterable<SearchRule>): number {
  const taken = new Set<number>();
  for (const rule of rules) {
    const state = newestState(rule);
    if (state !== null) taken.add(state.place);
  }
  let place = 0;
  while (taken.has(place)) place += 1;
  return place;
}
