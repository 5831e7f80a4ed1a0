/**
 * Does a node refuse what the markers make possible on every node that is as it should be? Then its settings are wrong,
 * and the request is not.
 */
import type { ErrorBody } from "../errors/api-error.ts";
import { EXPIRES_AT_FIELD, NO_FIELD, SEQUENCE_FIELD, SHARD_FIELD } from "./fields.ts";

/** `sorts`: nodes of the index sort by the sequence; else a client that names it is refused by all of them. */
export function lacksMarker({ message }: ErrorBody, sorts: boolean): boolean {
  return NOT_FILTERABLE.test(message) || (sorts && NOT_SORTABLE.test(message));
}

/** Nor can it be asked when documents expire, which it could not before `ttl.enabled`. */
export function lacksExpiry({ message }: ErrorBody): boolean {
  return EXPIRY_NOT_FILTERABLE.test(message);
}

/** From the start on: behind it the engine repeats what the client wrote, which may read like this as well. */
const PLACE = "^(?:Inside `[^`]*`: )?(?:Index `[^`]*`: )?";
const NOT_FILTERABLE = new RegExp(`${PLACE}Attribute \`(?:${SHARD_FIELD}|${NO_FIELD})\` is not filterable`);
const EXPIRY_NOT_FILTERABLE = new RegExp(`${PLACE}Attribute \`${EXPIRES_AT_FIELD}\` is not filterable`);
const NOT_SORTABLE = new RegExp(`${PLACE}Attribute \`${SEQUENCE_FIELD}\` is not sortable`);
