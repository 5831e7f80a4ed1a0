/** Rules as clients read them: from one node, whose words and order they are, with the positions that clients sent. */
import { nodeError } from "../../core/errors/api-error.ts";
import { members, readActions, withPositions } from "../../core/search-rules/actions-text.ts";
import { decodeKey, MALFORMED, readArray } from "../../core/json/scan.ts";
import type { RuleVersion, SearchRule } from "../../core/search-rules/search-rule.ts";
import { type AskableFleet, askReadable } from "../broadcast/ask-readable.ts";
import { pathOf, RULES_PATH } from "./change-rules.ts";
import type { RuleBook } from "./rule-book.ts";

export interface ReadRulesDeps {
  readonly fleet: AskableFleet;
  readonly book: RuleBook;
}

/** `body`: the client's, for the list. */
export async function readRule(deps: ReadRulesDeps, uid: string, signal: AbortSignal): Promise<string> {
  const text = await ask(deps, { method: "GET", path: pathOf(uid) }, signal);
  return shown(deps.book, text);
}

export async function listRules(deps: ReadRulesDeps, body: string, signal: AbortSignal): Promise<string> {
  const text = await ask(deps, { method: "POST", path: RULES_PATH, body }, signal);
  const bounds = members(text, 0)?.get("results");
  const elements: number[] = [];
  if (bounds === undefined || readArray(text, bounds[0], elements) === MALFORMED) return text;
  const rules: string[] = [];
  for (let i = 0; i < elements.length; i += 2) rules.push(shown(deps.book, text.slice(elements[i], elements[i + 1])));
  return `${text.slice(0, bounds[0])}[${rules.join(",")}]${text.slice(bounds[1])}`;
}

interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
}

async function ask(deps: ReadRulesDeps, asked: Asked, signal: AbortSignal): Promise<string> {
  const request = { ...asked, operation: "search_rules.get", timeoutMs: TIMEOUT_MS, repeat: "safe" } as const;
  const outcome = await askReadable(deps.fleet, request, signal);
  if (outcome.kind === "refused") throw nodeError(outcome.status, outcome.error);
  return outcome.text;
}

function shown(book: RuleBook, text: string): string {
  const found = members(text, 0);
  const uid = found?.get("uid");
  const bounds = found?.get("actions");
  if (uid === undefined || bounds === undefined) return text;
  const rule = book.all().get(decodeKey(text, uid[0], uid[1] - 1) ?? "");
  const actions = text.slice(...bounds);
  const read = readActions(actions) ?? [];
  const positions = positionsOf(
    rule,
    read.map(({ position }) => position),
  );
  if (positions === null) return text;
  return text.slice(0, bounds[0]) + withPositions(actions, read, positions) + text.slice(bounds[1]);
}

/** Of the state that the node has, which its marks tell. null: none that is known. */
function positionsOf(rule: SearchRule | undefined, marks: readonly number[]): readonly number[] | null {
  const isShown = ({ rule: state }: RuleVersion): boolean =>
    state?.actions.length === marks.length && state.actions.every(({ mark }, i) => mark === marks[i]);
  const found = rule?.versions.findLast(isShown)?.rule;
  return found === undefined || found === null ? null : found.actions.map(({ position }) => position);
}

const TIMEOUT_MS = 10_000;
