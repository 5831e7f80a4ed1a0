/**
 * A node's own error without the fields that Miroir adds. The engine's messages list what is filterable or sortable,
 * and the markers are.
 */
import type { ErrorBody } from "../errors/api-error.ts";
import { MARKER_PREFIX } from "../markers/fields.ts";

export function cleanNodeError(error: ErrorBody): ErrorBody {
  if (!error.message.includes(MARKER_PREFIX)) return error;
  return { ...error, message: cleanMessage(error.message) };
}

function cleanMessage(message: string): string {
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

const ALONE = /Available (filterable|sortable|facet-searchable) attributes?(?: patterns)? are: `_miroir_\w+`\./;
