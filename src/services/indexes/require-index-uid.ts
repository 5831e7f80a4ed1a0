/** The engine's rule for names of indexes, and its words for a name that breaks it (its text still speaks of 512). */
import { apiError } from "../../core/errors/api-error.ts";

const INDEX_UID = /^[A-Za-z0-9_-]{1,400}$/;

export function isIndexUid(value: unknown): value is string {
  return typeof value === "string" && INDEX_UID.test(value);
}

export function requireIndexUid(uid: string): string {
  if (INDEX_UID.test(uid)) return uid;
  throw apiError(
    "invalid_index_uid",
    `\`${uid}\` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.`,
  );
}
