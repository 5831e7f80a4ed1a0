/**
 * The highest version among stored documents in a node's answer, without reading the documents: a version is text of the
 * markers' alphabet, whose order is that of the versions.
 */
import { decodeSequence } from "../markers/codec.ts";
import { UPDATED_AT_FIELD } from "../markers/fields.ts";

/** null: no document carries one. */
export function newestVersion(text: string): bigint | null {
  let newest = "";
  for (const [, version = ""] of text.matchAll(VERSIONS)) if (version > newest) newest = version;
  return newest === "" ? null : decodeSequence(newest);
}

const VERSIONS = new RegExp(`"${UPDATED_AT_FIELD}":\\s*"([^"]+)"`, "g");
