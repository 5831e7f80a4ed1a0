/**
 * A node's own error as a single engine with the client's settings would word it. The engine's messages list what is
 * filterable, sortable or searchable: the markers are taken out of such lists, and, as nodes display everything, so
 * are the attributes that the client does not display.
 */
import type { ErrorBody } from "../errors/api-error.ts";
import { MARKER_PREFIX } from "../markers/fields.ts";
import { FILTERABLE_MARKERS } from "../settings/node-form.ts";

/** `displayed`: the client's displayed attributes; null: all of them. */
export function cleanNodeError(error: ErrorBody, displayed: readonly string[] | null = null): ErrorBody {
  const named = error.message.includes(MARKER_PREFIX) ? withoutMarkers(withoutShards(error.message)) : error.message;
  const unmarked = MATCHES_RULE.test(named) ? withOwnRuleNumbers(named) : named;
  const message = displayed === null ? unmarked : withoutHidden(unmarked, displayed);
  return message === error.message ? error : { ...error, message };
}

function withoutMarkers(message: string): string {
  return (
    message
      // A list in which every name is quoted by itself.
      .replaceAll(/`_miroir_\w+`, /g, "")
      .replaceAll(/, `_miroir_\w+`/g, "")
      // A list inside one pair of quotes.
      .replaceAll(/(?<=[`,] ?)_miroir_\w+, /g, "")
      .replaceAll(/, _miroir_\w+(?=[`,])/g, "")
      // A list that had nothing else in it.
      .replace(ALONE, "This index does not have configured $1 attributes.")
  );
}

/** The engine repeats the whole filter behind the place of what is wrong; the part about shards is not the client's. */
function withoutShards(message: string): string {
  return message.replace(REPEATED_FILTER, (_, from: string, to: string, own: string) => {
    const inner = insideParentheses(own);
    const shift = inner === null ? 0 : 1;
    return `\n${Number(from) - shift}:${Number(to) - shift} ${inner ?? own}`;
  });
}

/** What one pair of parentheses encloses as a whole; null: there is no such pair. */
function insideParentheses(text: string): string | null {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[()]/g)) {
    if (token === "(") depth += 1;
    else if (token === ")") depth -= 1;
    if (depth === 0) return token === ")" && index === text.length - 1 ? text.slice(1, -1) : null;
  }
  return null;
}

/** The engine counts the elements of `filterableAttributes`, where the markers stand before the client's. */
function withOwnRuleNumbers(message: string): string {
  return message.replace(/\brule #(\d+)/g, (_, rule: string) => `rule #${Number(rule) - FILTERABLE_MARKERS.length}`);
}

/** Only the messages in which the engine itself hides attributes. */
function withoutHidden(message: string, displayed: readonly string[]): string {
  return message.replace(HIDING_LIST, (_, head: string, list: string, what: string, names: string) => {
    const listed = names.split(", ");
    const shown = listed.filter((name) => displayed.includes(name));
    if (shown.length === 0 && what !== "searchable")
      return `${head}This index does not have configured ${what} attributes`;
    const hidden = shown.length < listed.length ? ", <..hidden-attributes>" : "";
    return `${head}${list}${shown.join(", ")}${hidden}\``;
  });
}

const REPEATED_FILTER = /\n(\d+):(\d+) (.*) AND \("_miroir_shard" IN \[[^\]]*\]\)$/s;
const ALONE = /Available (filterable|sortable|facet-searchable) attributes?(?: patterns)? are: `_miroir_\w+`\./;
const MATCHES_RULE = /\bmatche[sd] rule #\d+ in `?filterableAttributes`?/;
const HIDING_LIST =
  /((?:is not sortable|is not searchable|cannot be used as distinct attribute|is not facet-searchable)\. )(Available ([a-z-]+) [a-z ]+ are: `)([^`]+)`/;
